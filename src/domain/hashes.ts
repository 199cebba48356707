/** The hashes that stand in annotations. Stored formats: a change of any makes every Secret in every cluster be rewritten. */
import { createHash } from 'node:crypto';

/** Who asks AWS, and where, as configured. */
export interface IdentitySource {
  /** `auto` where the file names none. */
  readonly source: string;
  readonly assumeRole?: Readonly<Record<string, unknown>> | undefined;
  readonly region: string;
}

/** SHA-256 (hex) over the canonical JSON of `{assumeRole, region, source}`; without a role its key is left out. */
export function identityHash({ source, assumeRole, region }: IdentitySource): string {
  return sha256(canonicalJson({ source, assumeRole, region }));
}

/** SHA-256 (hex) over the canonical JSON of a namespace's profiles by name, each as written in the file. */
export function configHash(profiles: Readonly<Record<string, unknown>>): string {
  return sha256(canonicalJson(profiles));
}

/**
 * JSON without white space, the keys of every object sorted by UTF-16 code unit; keys without a value are left out, as
 * `JSON.stringify` does. Takes what YAML and JSON can hold; a value that contains itself throws a `RangeError`.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

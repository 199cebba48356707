/** The hashes that stand in annotations. Stored formats: a change of any makes every Secret in every cluster be rewritten. */
import { createHash } from 'node:crypto';

/** Who asks AWS, and where, as configured. */
export interface IdentitySource {
  /** The name of the source, `auto` where the file names none; a mapping where there is more to say of it. */
  readonly source: string | Readonly<Record<string, unknown>>;
  /** One role, or a list of roles that are assumed one after the other. */
  readonly assumeRole?: unknown;
  /** Only for ECR Public. */
  readonly service?: 'ecr-public' | undefined;
  readonly region: string;
}

/** SHA-256 (hex) over the canonical JSON of `{assumeRole, region, service, source}`; keys without a value are left out. */
export function identityHash({ source, assumeRole, service, region }: IdentitySource): string {
  return sha256(canonicalJson({ source, assumeRole, service, region }));
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

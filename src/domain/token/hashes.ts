/** The hashes that stand in annotations. Stored formats: a change of any makes every Secret in every cluster be rewritten. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';

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

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The hashes in our annotations. They are stored formats: a change to one rewrites every Secret in every cluster. */
import { hash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';

/** An identity as configured: how it authenticates to AWS, and its region. */
export interface IdentitySource {
  /** The name of the source, `auto` if the file names none; a mapping if the source has options. */
  readonly source: string | Readonly<Record<string, unknown>>;
  /** One role, or a list of roles to assume one after the other. */
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
  return hash('sha256', text);
}

/** An AWS identity in a region, as the administrator configured it, before anything is resolved. */

/** Where the first credentials come from. If a source is named, no other is tried. */
export type CredentialSource =
  | { readonly kind: 'auto' | 'podIdentity' | 'instanceProfile' | 'environment' }
  /** Without `explicit`, the IRSA environment variables name the role and the file. */
  | { readonly kind: 'webIdentity'; readonly explicit: WebIdentity | undefined };

/** A projected ServiceAccount token and the role that trusts its issuer. */
export interface WebIdentity {
  readonly roleArn: string;
  /** Read again for each session. */
  readonly tokenFile: string;
  readonly sessionName: string | undefined;
}

/** A role to assume with the credentials of the previous step. */
export interface AssumedRole {
  readonly roleArn: string;
  readonly externalId: string | undefined;
  readonly sessionName: string | undefined;
  /** By tag key, such as `cluster` and `profile`; empty: none are sent, and `sts:TagSession` is not needed. */
  readonly sessionTags: Readonly<Record<string, string>>;
}

/** Everything with the same identity shares its tokens. */
export interface Identity {
  /** SHA-256 (hex) of source, assumed role and region as configured: the stored format of the `tokens` annotation. */
  readonly hash: string;
  readonly source: CredentialSource;
  /** In the order in which they are assumed; empty: the source's own credentials are used. */
  readonly assumeRole: readonly AssumedRole[];
  /** ECR Public issues its own tokens, through another API. */
  readonly service: 'ecr' | 'ecr-public';
  readonly region: string;
  /** Registry hosts that must accept a new token before it is used; not part of the hash. */
  readonly verifyHosts: readonly string[];
}

/** Who asks AWS for a token, and where: as the administrator has configured it, before anything is resolved. */

/** Where the first credentials come from. A source that is named is the only one that is asked. */
export type CredentialSource =
  | { readonly kind: 'auto' | 'podIdentity' | 'instanceProfile' | 'environment' }
  /** Without `explicit`, the variables of IRSA say which role and which file. */
  | { readonly kind: 'webIdentity'; readonly explicit: WebIdentity | undefined };

/** A projected ServiceAccount token and the role that trusts its issuer. */
export interface WebIdentity {
  readonly roleArn: string;
  /** Read anew for each session. */
  readonly tokenFile: string;
  readonly sessionName: string | undefined;
}

/** A role to assume with the credentials of the step before. */
export interface AssumedRole {
  readonly roleArn: string;
  readonly externalId: string | undefined;
  readonly sessionName: string | undefined;
  /** By tag key, such as `cluster` and `profile`; empty: none are sent, and `sts:TagSession` is not needed. */
  readonly sessionTags: Readonly<Record<string, string>>;
}

/** Tokens are shared between everything that has the same identity. */
export interface Identity {
  /** SHA-256 (hex) of source, assumed role and region as configured: the stored format of the `tokens` annotation. */
  readonly hash: string;
  readonly source: CredentialSource;
  /** In the order in which they are assumed; empty: the source's own credentials ask. */
  readonly assumeRole: readonly AssumedRole[];
  /** ECR Public gives tokens of its own, by another API. */
  readonly service: 'ecr' | 'ecr-public';
  readonly region: string;
  /** Registry hosts at which a fresh token must be good before anybody gets it; not a part of the hash. */
  readonly verifyHosts: readonly string[];
}

/** How the simulated services can behave; a mode takes effect with the next request. */

/** Answers that no real ECR gives. They must change nothing. */
export const JUNK_KINDS = [
  'empty-body',
  'html',
  'truncated-json',
  'empty-object',
  'empty-list',
  'no-token',
  'token-not-base64',
  'token-without-colon',
  'other-user',
  'empty-password',
  'null-token',
] as const;
export type JunkKind = (typeof JUNK_KINDS)[number];

/** How the services refuse a request. */
export type RefusalKind =
  'throttle' | 'server-error' | 'deny' | 'expired-credentials' | 'unknown-key';

/** Modes that ECR and STS share. */
type ErrorMode =
  | { readonly kind: RefusalKind }
  /** No answer until the client gives up. */
  | { readonly kind: 'hang' }
  /** The connection breaks before the answer. */
  | { readonly kind: 'cut' };

/** Modes of ECR and ECR Public. */
export type EcrMode =
  | { readonly kind: 'ok' }
  /** A good token with an implausible `expiresAt`. */
  | { readonly kind: 'expiry'; readonly expiresAt: 'missing' | 'past' | 'far' | 'text' }
  | { readonly kind: 'junk'; readonly junk: JunkKind }
  | ErrorMode;

export type StsMode = { readonly kind: 'ok' } | ErrorMode;

export interface AwsAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body: string;
  /** In addition to `content-type` and `date`, or instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The outcome of a request. */
export type Outcome = AwsAnswer | 'hang' | 'cut';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

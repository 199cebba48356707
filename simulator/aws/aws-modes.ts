/** How the simulated services can behave; each holds from the next request on. */

/** Answers that no real ECR gives, and that must change nothing. */
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

/** What the services say no with. */
export type RefusalKind =
  'throttle' | 'server-error' | 'deny' | 'expired-credentials' | 'unknown-key';

/** Modes that ECR and STS share. */
type ErrorMode =
  | { readonly kind: RefusalKind }
  /** No answer until the client gives up. */
  | { readonly kind: 'hang' }
  /** The connection breaks before the answer. */
  | { readonly kind: 'cut' };

/** Of ECR, and of ECR Public. */
export type EcrMode =
  | { readonly kind: 'ok' }
  /** A good token with an `expiresAt` that can't be believed. */
  | { readonly kind: 'expiry'; readonly expiresAt: 'missing' | 'past' | 'far' | 'text' }
  | { readonly kind: 'junk'; readonly junk: JunkKind }
  | ErrorMode;

export type StsMode = { readonly kind: 'ok' } | ErrorMode;

export interface AwsAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body: string;
  /** Beside the type and the date, or instead of them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What comes of a request. */
export type Outcome = AwsAnswer | 'hang' | 'cut';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What the fake ECR can answer to GetAuthorizationToken (awsJson1.1). */
import { CANARY } from './canary.ts';

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

export type EcrMode =
  | { readonly kind: 'ok' }
  /** A good token with an `expiresAt` that can't be believed. */
  | { readonly kind: 'expiry'; readonly expiresAt: 'missing' | 'past' | 'far' | 'text' }
  | { readonly kind: 'junk'; readonly junk: JunkKind }
  | ErrorMode;

/** Modes that ECR and STS share. */
export type ErrorMode =
  | { readonly kind: 'throttle' }
  | { readonly kind: 'server-error' }
  /** No answer until the client gives up. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'deny' }
  | { readonly kind: 'expired-credentials' }
  | { readonly kind: 'unknown-key' };

export interface FakeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface TokenFacts {
  /** 1 for the first token of this fake. */
  readonly number: number;
  readonly nowMs: number;
  readonly lifeMs: number;
  readonly account: string;
  readonly region: string;
}

/** As long as a real one (about 2.5 kB as `auth`), with the number and the canary inside. */
export function passwordOf(number: number): string {
  const head = `Token${String(number).padStart(6, '0')}${CANARY}`;
  return head.padEnd(1_860, 'eyJwYXlsb2FkIjoiRmFrZVRva2VuUGF5bG9hZCJ9');
}

/** The number in a password that `passwordOf` made, or undefined. */
export function tokenNumberOf(password: string): number | undefined {
  const match = /^Token(\d{6})/.exec(password);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** A good answer, or one with an `expiresAt` that can't be believed. */
export function tokenAnswer(facts: TokenFacts, mode: EcrMode): FakeAnswer {
  if (mode.kind === 'junk') return junkAnswer(facts, mode.junk);
  const expiresAt = mode.kind === 'expiry' ? oddExpiry(facts, mode.expiresAt) : goodExpiry(facts);
  return json({ authorizationData: [{ ...authorization(facts), ...expiresAt }] });
}

function authorization(facts: TokenFacts) {
  return {
    authorizationToken: base64(`AWS:${passwordOf(facts.number)}`),
    proxyEndpoint: `https://${facts.account}.dkr.ecr.${facts.region}.amazonaws.com`,
  };
}

/** Seconds with a fraction, as the real one answers. */
function goodExpiry({ nowMs, lifeMs }: TokenFacts) {
  return { expiresAt: (nowMs + lifeMs) / 1000 };
}

function oddExpiry({ nowMs }: TokenFacts, kind: 'missing' | 'past' | 'far' | 'text'): object {
  switch (kind) {
    case 'missing':
      return {};
    case 'past':
      return { expiresAt: Date.UTC(2015, 0, 1) / 1000 };
    case 'far':
      return { expiresAt: nowMs / 1000 + 30 * 86_400 };
    case 'text':
      return { expiresAt: 'tomorrow' };
  }
}

function junkAnswer(facts: TokenFacts, junk: JunkKind): FakeAnswer {
  const good = { ...authorization(facts), ...goodExpiry(facts) };
  const withToken = (authorizationToken: unknown) =>
    json({ authorizationData: [{ ...good, authorizationToken }] });
  switch (junk) {
    case 'empty-body':
      return { ...json({}), body: '' };
    case 'html':
      return { status: 200, contentType: 'text/html', body: '<html>Sign in to the proxy</html>' };
    case 'truncated-json': {
      const { body } = json({ authorizationData: [good] });
      return { ...json({}), body: body.slice(0, body.length / 2) };
    }
    case 'empty-object':
      return json({});
    case 'empty-list':
      return json({ authorizationData: [] });
    case 'no-token':
      return json({
        authorizationData: [{ proxyEndpoint: good.proxyEndpoint, expiresAt: good.expiresAt }],
      });
    case 'token-not-base64':
      return withToken(`%%% ${CANARY} %%%`);
    case 'token-without-colon':
      return withToken(base64(passwordOf(facts.number)));
    case 'other-user':
      return withToken(base64(`somebody:${passwordOf(facts.number)}`));
    case 'empty-password':
      return withToken(base64('AWS:'));
    case 'null-token':
      return withToken(null);
  }
}

export interface AwsError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What the real services say; codes of STS where they differ are in fake-sts-answers.ts. */
export function ecrError(kind: Exclude<ErrorMode['kind'], 'hang'>): FakeAnswer {
  const { status, code, message } = ECR_ERRORS[kind];
  return { ...json({ __type: code, message }), status };
}

const ECR_ERRORS: Readonly<Record<Exclude<ErrorMode['kind'], 'hang'>, AwsError>> = {
  throttle: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  'server-error': { status: 500, code: 'ServerException', message: 'Internal server error' },
  deny: {
    status: 400,
    code: 'AccessDeniedException',
    message:
      'User: arn:aws:sts::123456789012:assumed-role/fake/session is not authorized to perform: ' +
      'ecr:GetAuthorizationToken on resource: *',
  },
  'expired-credentials': {
    status: 400,
    code: 'ExpiredTokenException',
    message: 'The security token included in the request is expired',
  },
  'unknown-key': {
    status: 400,
    code: 'UnrecognizedClientException',
    message: 'The security token included in the request is invalid.',
  },
};

function json(body: object): FakeAnswer {
  return { status: 200, contentType: 'application/x-amz-json-1.1', body: JSON.stringify(body) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

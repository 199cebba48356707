/** The facts of an SDK error that can't hold a secret. Its own text and answer never leave this file. */
import { fieldOf, recordOf } from '../../base/json.ts';
import type { ErrorKind } from './error-kind.ts';
import { SourceError } from './failures.ts';

export interface ErrorFacts {
  /** Set if the thrower knew it. */
  readonly kind: ErrorKind | undefined;
  /** The exception's name, or `Error`. */
  readonly name: string;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  /** Node's own, such as `ECONNREFUSED`. */
  readonly systemCode: string | undefined;
  /** The caller, according to AWS: for administrators, not for the users of a namespace. */
  readonly principal: string | undefined;
  /** The action that AWS denies, such as `sts:TagSession`. */
  readonly deniedAction: string | undefined;
  readonly isSignatureExpired: boolean;
  /** The requested session is longer than the role, or role chaining, allows. */
  readonly isSessionTooLong: boolean;
}

const DENIED_ACTION = /not authorized to perform:? ((?:sts|ecr|ecr-public|eks-auth):\w{1,60})/i;
const PRINCIPAL = /arn:aws[a-z-]*:(?:sts|iam)::\d{12}:[\w+=,.@/-]{1,200}/;

export function factsOf(error: unknown): ErrorFacts {
  const raw = recordOf(error);
  const metadata = recordOf(raw['$metadata']);
  const text = typeof raw['message'] === 'string' ? raw['message'].slice(0, 2_000) : '';
  return {
    kind: error instanceof SourceError ? error.kind : undefined,
    name: matching(raw['name'], /^\w{1,80}$/) ?? 'Error',
    httpStatus:
      numberOf(metadata['httpStatusCode']) ?? numberOf(fieldOf(raw, '$response', 'statusCode')),
    requestId: matching(metadata['requestId'], /^[\w-]{1,64}$/),
    systemCode: systemCodeOf(raw),
    principal: PRINCIPAL.exec(text)?.[0],
    deniedAction: DENIED_ACTION.exec(text)?.[1],
    isSignatureExpired: /signature (expired|not yet current)/i.test(text),
    isSessionTooLong: /DurationSeconds exceeds/i.test(text),
  };
}

/** For people and logs: `AccessDeniedException, HTTP 400, request 5b1c…`. */
export function describeFacts(facts: ErrorFacts): string {
  return [
    facts.name === 'Error' ? undefined : facts.name,
    facts.systemCode,
    facts.deniedAction,
    facts.httpStatus === undefined ? undefined : `HTTP ${facts.httpStatus}`,
    facts.requestId === undefined ? undefined : `request ${facts.requestId}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** JSON services (ECR) append `Exception` to names that query services (STS) use without it. */
const BY_NAME: readonly (readonly [RegExp, ErrorKind])[] = [
  [/^(AccessDenied|UnauthorizedOperation|NotAuthorized)$/, 'denied'],
  [/^(InvalidIdentityToken|InvalidToken|IDPRejectedClaim)$/, 'untrustedToken'],
  [/^PackedPolicyTooLarge$/, 'tagsTooLong'],
  [/^ResourceNotFound$/, 'noRole'],
  [/^(Throttl(ing|ed|e)|ThrottledRequest|RequestThrottled|SlowDown)$/, 'throttled'],
  [/^(RequestLimitExceeded|LimitExceeded|TooManyRequests)$/, 'throttled'],
  [/^(ExpiredToken|TokenRefreshRequired)$/, 'expired'],
  [/^Request(TimeTooSkewed|Expired|InTheFuture)$/, 'clockSkew'],
  [/^(InvalidSignature|SignatureDoesNotMatch)$/, 'badSignature'],
  [/^(UnrecognizedClient|InvalidClientTokenId|AuthFailure)$/, 'unknownClient'],
  [/^(OptInRequired|RegionDisabled|UnsupportedCommand)$/, 'regionDisabled'],
  [/^EndpointError$/, 'badEndpoint'],
  [/^CredentialsProviderError$/, 'noProvider'],
  [/^(TimeoutError|AbortError)$/, 'timeout'],
  [/^IDPCommunicationError$/, 'unavailable'],
];

const BY_SYSTEM_CODE: typeof BY_NAME = [
  [/^ENOTFOUND$/, 'noSuchHost'],
  [/^ETIMEDOUT$/, 'timeout'],
  [/^(ENOENT|EACCES|EISDIR|EPERM)$/, 'unreadableFile'],
  [/CERT|SIGNATURE|ISSUER|TLS_ALTNAME/, 'untrustedCertificate'],
  [/^E[A-Z_]+$|^HPE_|^UND_ERR/, 'unavailable'],
];

/** The kind of failure, whichever service, network or part of the SDK it came from. */
export function kindOf(facts: ErrorFacts): ErrorKind {
  if (facts.kind !== undefined) return facts.kind;
  if (facts.isSignatureExpired) return 'clockSkew';
  if (facts.isSessionTooLong) return 'sessionTooLong';
  const name = facts.name.replace(/Exception$/, '');
  // Node's code first: the SDK calls a cut connection a TimeoutError.
  return (
    lookUp(BY_SYSTEM_CODE, facts.systemCode ?? '') ??
    lookUp(BY_NAME, name) ??
    kindOfStatus(facts.httpStatus)
  );
}

function lookUp(table: typeof BY_NAME, word: string): ErrorKind | undefined {
  return table.find(([pattern]) => pattern.test(word))?.[1];
}

function kindOfStatus(httpStatus: number | undefined): ErrorKind {
  if (httpStatus === undefined) return 'other';
  if (httpStatus === 429) return 'throttled';
  if (httpStatus >= 500) return 'unavailable';
  if (httpStatus < 300) return 'invalidAnswer';
  return httpStatus === 401 || httpStatus === 403 ? 'denied' : 'other';
}

function systemCodeOf(raw: Readonly<Record<string, unknown>>): string | undefined {
  const shape = /^[A-Z][A-Z0-9_]{2,60}$/;
  return matching(raw['code'], shape) ?? matching(fieldOf(raw, 'cause', 'code'), shape);
}

function matching(value: unknown, shape: RegExp): string | undefined {
  return typeof value === 'string' && shape.test(value) ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** What kind of trouble an error of AWS, of the network or of the SDK is, whichever service it came from. */
import type { ErrorFacts } from './error-facts.ts';

export type ErrorKind =
  | 'denied'
  | 'throttled'
  | 'expired'
  | 'clockSkew'
  | 'badSignature'
  | 'unknownClient'
  | 'noSuchHost'
  | 'untrustedCertificate'
  | 'badEndpoint'
  | 'proxyRefused'
  | 'proxyUnreachable'
  | 'regionDisabled'
  | 'untrustedToken'
  | 'sessionTooLong'
  | 'tagsTooLong'
  | 'unreadableFile'
  | 'badVariable'
  | 'noProvider'
  | 'noRole'
  | 'disabled'
  | 'timeout'
  | 'unavailable'
  | 'invalidAnswer'
  | 'other';

/** JSON services (ECR) put `Exception` behind the names that query services (STS) use without it. */
const BY_NAME: ReadonlyMap<string, ErrorKind> = new Map([
  ['AccessDenied', 'denied'],
  ['UnauthorizedOperation', 'denied'],
  ['NotAuthorized', 'denied'],
  ['InvalidIdentityToken', 'untrustedToken'],
  ['InvalidToken', 'untrustedToken'],
  ['IDPRejectedClaim', 'untrustedToken'],
  ['PackedPolicyTooLarge', 'tagsTooLong'],
  ['ResourceNotFound', 'noRole'],
  ['Throttling', 'throttled'],
  ['Throttled', 'throttled'],
  ['Throttle', 'throttled'],
  ['ThrottledRequest', 'throttled'],
  ['RequestThrottled', 'throttled'],
  ['RequestLimitExceeded', 'throttled'],
  ['TooManyRequests', 'throttled'],
  ['LimitExceeded', 'throttled'],
  ['SlowDown', 'throttled'],
  ['ExpiredToken', 'expired'],
  ['TokenRefreshRequired', 'expired'],
  ['RequestTimeTooSkewed', 'clockSkew'],
  ['RequestExpired', 'clockSkew'],
  ['RequestInTheFuture', 'clockSkew'],
  ['UnrecognizedClient', 'unknownClient'],
  ['InvalidClientTokenId', 'unknownClient'],
  ['AuthFailure', 'unknownClient'],
  ['OptInRequired', 'regionDisabled'],
  ['RegionDisabled', 'regionDisabled'],
  ['UnsupportedCommand', 'regionDisabled'],
  ['EndpointError', 'badEndpoint'],
  ['CredentialsProviderError', 'noProvider'],
  ['TimeoutError', 'timeout'],
  ['AbortError', 'timeout'],
  ['IDPCommunicationError', 'unavailable'],
]);

const BY_SYSTEM_CODE: ReadonlyMap<string, ErrorKind> = new Map([
  ['ENOTFOUND', 'noSuchHost'],
  ['ETIMEDOUT', 'timeout'],
  ['ENOENT', 'unreadableFile'],
  ['EACCES', 'unreadableFile'],
  ['EISDIR', 'unreadableFile'],
  ['EPERM', 'unreadableFile'],
]);

const CERTIFICATE = /CERT|SIGNATURE|ISSUER|TLS_ALTNAME/;
const NETWORK = /^E[A-Z_]+$|^HPE_|^UND_ERR/;

export function kindOf(facts: ErrorFacts): ErrorKind {
  if (facts.kind !== undefined) return facts.kind;
  if (facts.isSignatureExpired) return 'clockSkew';
  if (facts.isSessionTooLong) return 'sessionTooLong';
  const name = facts.name.replace(/Exception$/, '');
  // Node's code first: the SDK calls a cut connection a TimeoutError.
  return kindOfSystemCode(facts.systemCode) ?? BY_NAME.get(name) ?? kindOfAnswer(name, facts);
}

function kindOfSystemCode(code: string | undefined): ErrorKind | undefined {
  if (code === undefined) return undefined;
  const known = BY_SYSTEM_CODE.get(code);
  if (known !== undefined) return known;
  if (CERTIFICATE.test(code)) return 'untrustedCertificate';
  return NETWORK.test(code) ? 'unavailable' : undefined;
}

function kindOfAnswer(name: string, { httpStatus }: ErrorFacts): ErrorKind {
  if (name === 'InvalidSignature' || name === 'SignatureDoesNotMatch') return 'badSignature';
  if (httpStatus === undefined) return 'other';
  if (httpStatus === 429) return 'throttled';
  if (httpStatus >= 500) return 'unavailable';
  if (httpStatus < 300) return 'invalidAnswer';
  return httpStatus === 401 || httpStatus === 403 ? 'denied' : 'other';
}

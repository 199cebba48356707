/** The reaction to each kind of failure of ECR: its code, whether a person must act, and the cause and fix in words. */
import type { ErrorKind } from './error-kind.ts';

/** What people read about a kind of failure: the cause and, after the first semicolon, the fix. */
export type Words = `${string}; ${string}`;

/** How one kind of failure is handled and reported. */
export interface Reaction {
  readonly code: string;
  readonly mustAct: boolean;
  readonly words: Words;
}

export function partsOf(words: Words): readonly [trouble: string, fix: string] {
  const at = words.indexOf('; ');
  return [words.slice(0, at), words.slice(at + 2)];
}

/** It may pass by itself. */
export function passing(code: string, words: Words): Reaction {
  return { code, mustAct: false, words };
}

/** A person must act. */
export function stalled(code: string, words: Words): Reaction {
  return { code, mustAct: true, words };
}

export const UNREACHABLE =
  'check DNS, proxy, VPC endpoint and egress policy, and the AWS_ENDPOINT_URL variables if set';
/** ECR Public has no VPC endpoint. */
const PUBLIC_UNREACHABLE =
  'check DNS, the proxy and the egress policy (ECR Public has no VPC endpoint), and the AWS_ENDPOINT_URL variables if set';
export const CERTIFICATE: Words =
  "the server's certificate is not trusted; if a proxy or private CA is in between, put its CA into a file and name that in AWS_CA_BUNDLE";
/** No endpoint option is dropped silently: a user who asks for FIPS must not get anything else. */
export const BAD_ENDPOINT: Words =
  "there is no endpoint for this configuration; unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or the AWS_ENDPOINT_URL variables: they can't be combined, and some partitions lack such endpoints";

/** Failures of an access key or its session at any service, and of the proxy for any request. */
export const COMMON_REACTIONS = {
  clockSkew: stalled(
    'AWS_CLOCK_SKEW',
    'the signature is out of date; correct the clock of the node',
  ),
  badSignature: stalled(
    'AWS_BAD_SIGNATURE',
    'the signature does not match; check the secret access key, and that no proxy changes the request',
  ),
  proxyRefused: stalled(
    'AWS_PROXY_REFUSED',
    'the proxy refused the request; check the user and password in HTTPS_PROXY (HTTP 407), and that the proxy allows the endpoints of ECR and STS, or list them in NO_PROXY',
  ),
  proxyUnreachable: passing(
    'AWS_PROXY_UNREACHABLE',
    "the proxy can't be reached, or can't connect to AWS; check HTTPS_PROXY, the egress policy and the proxy itself, and list hosts that need no proxy in NO_PROXY",
  ),
  other: passing(
    'AWS_REQUEST_FAILED',
    'the request failed; look up the error name in the AWS documentation',
  ),
};

type Table<Row> = Readonly<Partial<Record<ErrorKind, Row>>>;

/** For the answers of ECR itself, or their absence; kinds that ECR never reports are `other`. */
const ECR: Table<Reaction> = {
  ...COMMON_REACTIONS,
  denied: stalled(
    'ECR_ACCESS_DENIED',
    "access denied; an identity policy of the controller's role must allow ecr:GetAuthorizationToken on resource *",
  ),
  throttled: passing(
    'ECR_THROTTLED',
    'throttled by ECR; this should pass by itself; if it does not, look for other callers of GetAuthorizationToken in the account',
  ),
  expired: passing(
    'AWS_CREDENTIALS_EXPIRED',
    'AWS says the credentials have expired, even freshly obtained ones; check what supplies them, and the clock of the node',
  ),
  unknownClient: stalled(
    'ECR_WRONG_REGION',
    "AWS does not know these credentials in this region; check that the region is enabled for the account and belongs to the account's partition, and that the access key still exists",
  ),
  noSuchHost: stalled(
    'ECR_WRONG_ENDPOINT',
    `the ECR endpoint of this region has no address in DNS; check the name of the region, and whether it has FIPS or dual-stack endpoints if you use them; ${UNREACHABLE}`,
  ),
  untrustedCertificate: stalled('ECR_UNTRUSTED_CERTIFICATE', CERTIFICATE),
  badEndpoint: stalled('ECR_WRONG_ENDPOINT', BAD_ENDPOINT),
  timeout: passing('ECR_TIMEOUT', `ECR did not respond in time; ${UNREACHABLE}`),
  unavailable: passing(
    'ECR_UNAVAILABLE',
    `ECR can't be reached or has failed; if this does not pass by itself, ${UNREACHABLE}`,
  ),
  invalidAnswer: passing(
    'ECR_INVALID_ANSWER',
    "the response can't be read; check whether something else responds instead of ECR (a proxy, AWS_ENDPOINT_URL_ECR)",
  ),
  regionDisabled: stalled(
    'ECR_WRONG_REGION',
    'the region is not enabled for the account; enable it, or fix the region of the registry host',
  ),
};

/** ECR Public needs one more permission, and has only one region. */
const WORDS_OF_ECR_PUBLIC: Table<Words> = {
  denied:
    "access denied; an identity policy of the controller's role must allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on resource *",
  throttled:
    'throttled by ECR Public; this should pass by itself; if it does not, look for other callers of ecr-public:GetAuthorizationToken in the account',
  noSuchHost: `the ECR Public endpoint has no address in DNS; it exists only in us-east-1; ${PUBLIC_UNREACHABLE}`,
  regionDisabled:
    'ECR Public issues tokens only in us-east-1 of the partition aws; check AWS_ENDPOINT_URL_ECR_PUBLIC if set, and remove its hosts from profiles of other partitions',
  timeout: `ECR Public did not respond in time; ${PUBLIC_UNREACHABLE}`,
  unavailable: `ECR Public can't be reached or has failed; if this does not pass by itself, ${PUBLIC_UNREACHABLE}`,
  invalidAnswer:
    "the response can't be read; check whether something else responds instead of ECR Public (a proxy, AWS_ENDPOINT_URL_ECR_PUBLIC)",
};

export function reactionToEcr(service: 'ecr' | 'ecr-public', kind: ErrorKind): Reaction {
  const reaction = ECR[kind] ?? COMMON_REACTIONS.other;
  const words = service === 'ecr-public' ? WORDS_OF_ECR_PUBLIC[kind] : undefined;
  return { ...reaction, words: words ?? reaction.words };
}

/** What each kind of trouble with ECR is called, whether a person must act, and the fix, in words for people. */
import type { ErrorKind } from './error-kind.ts';

/** What people read of one kind of trouble: the problem, and behind the first semicolon what to do about it. */
export type Words = `${string}; ${string}`;

/** How one kind of trouble is met and told. */
export interface Reaction {
  readonly code: string;
  readonly mustAct: boolean;
  readonly words: Words;
}

export function partsOf(words: Words): readonly [problem: string, fix: string] {
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
  'check DNS, proxy, VPC endpoint and egress policy, and AWS_ENDPOINT_URL and its kin if set';
export const CERTIFICATE: Words =
  "the server's certificate is not trusted; if a proxy or private CA is between, give its CA in a file that AWS_CA_BUNDLE names";
/** No option of an endpoint is dropped silently: who asks for FIPS must not be given something else. */
export const BAD_ENDPOINT: Words =
  'there is no endpoint as configured; AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT go neither with AWS_ENDPOINT_URL and its kin nor with every partition';

/** What an access key or its session may be, whoever looks at it; and of the proxy, whatever is asked through it. */
export const COMMON_REACTIONS = {
  clockSkew: stalled(
    'AWS_CLOCK_SKEW',
    'the signature is out of date; set the clock of the node right',
  ),
  badSignature: stalled(
    'AWS_BAD_SIGNATURE',
    'the signature does not match; check the secret access key, and that no proxy changes the request',
  ),
  proxyRefused: stalled(
    'AWS_PROXY_REFUSED',
    'the proxy refused; check the user and password in HTTPS_PROXY (HTTP 407) and that the proxy allows the endpoints of ECR and STS, or name them in NO_PROXY',
  ),
  proxyUnreachable: passing(
    'AWS_PROXY_UNREACHABLE',
    "the proxy can't be reached or gives no connection; check HTTPS_PROXY, the egress policy and the proxy itself, and name in NO_PROXY what needs none",
  ),
  other: passing(
    'AWS_REQUEST_FAILED',
    'the request failed; look the name of the error up in the documentation of AWS',
  ),
};

type Table<Row> = Readonly<Partial<Record<ErrorKind, Row>>>;

/** For what ECR itself says or fails to say; the kinds that it never says are `other`. */
const ECR: Table<Reaction> = {
  ...COMMON_REACTIONS,
  denied: stalled(
    'ECR_ACCESS_DENIED',
    "access denied; an identity policy of the controller's role must allow ecr:GetAuthorizationToken on resource *",
  ),
  throttled: passing(
    'ECR_THROTTLED',
    'throttled by ECR; it passes by itself, else look for other callers of GetAuthorizationToken in the account',
  ),
  expired: passing(
    'AWS_CREDENTIALS_EXPIRED',
    'the AWS credentials have expired, new ones too; check what supplies them and the clock of the node',
  ),
  unknownClient: stalled(
    'ECR_WRONG_REGION',
    'AWS does not know these credentials here; check that the region is enabled for the account and right for its partition, and that the access key still exists',
  ),
  noSuchHost: stalled(
    'ECR_WRONG_ENDPOINT',
    `the ECR endpoint of this region has no address; check the region's name and whether it has FIPS or dual-stack endpoints, if asked for; ${UNREACHABLE}`,
  ),
  untrustedCertificate: stalled('ECR_UNTRUSTED_CERTIFICATE', CERTIFICATE),
  badEndpoint: stalled('ECR_WRONG_ENDPOINT', BAD_ENDPOINT),
  timeout: passing('ECR_TIMEOUT', `ECR did not answer in time; ${UNREACHABLE}`),
  unavailable: passing(
    'ECR_UNAVAILABLE',
    `ECR can't be reached or has failed; if it does not pass by itself, ${UNREACHABLE}`,
  ),
  invalidAnswer: passing(
    'ECR_INVALID_ANSWER',
    "the answer can't be read; check what answers in the place of ECR (a proxy, AWS_ENDPOINT_URL_ECR)",
  ),
  regionDisabled: stalled(
    'ECR_WRONG_REGION',
    'the region is not enabled for the account; enable it, or fix the region of the registry host',
  ),
};

/** ECR Public has a permission more, and one region only. */
const WORDS_OF_ECR_PUBLIC: Table<Words> = {
  denied:
    "access denied; an identity policy of the controller's role must allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on resource *",
  throttled:
    'throttled by ECR Public; it passes by itself, else look for other callers of ecr-public:GetAuthorizationToken in the account',
  noSuchHost: `the ECR Public endpoint has no address; it exists in us-east-1 and has no VPC endpoint; ${UNREACHABLE}`,
  regionDisabled:
    'ECR Public gives tokens in us-east-1 of the partition aws only; check AWS_ENDPOINT_URL_ECR_PUBLIC if set, and take its hosts out of profiles of other partitions',
  timeout: `ECR Public did not answer in time; it has no VPC endpoint; ${UNREACHABLE}`,
  unavailable: `ECR Public can't be reached or has failed; if it does not pass by itself, ${UNREACHABLE}; it has no VPC endpoint`,
  invalidAnswer:
    "the answer can't be read; check what answers in the place of ECR Public (a proxy, AWS_ENDPOINT_URL_ECR_PUBLIC)",
};

export function reactionToEcr(service: 'ecr' | 'ecr-public', kind: ErrorKind): Reaction {
  const reaction = ECR[kind] ?? COMMON_REACTIONS.other;
  const words = service === 'ecr-public' ? WORDS_OF_ECR_PUBLIC[kind] : undefined;
  return { ...reaction, words: words ?? reaction.words };
}

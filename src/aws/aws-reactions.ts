/** What each kind of trouble with ECR is called, whether a person must act, and the remedy, in words for people. */
import type { ErrorKind } from './error-kind.ts';

/** What people read of one kind of trouble. */
export interface Wording {
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** How one kind of trouble is told and met. */
export interface Reaction extends Wording {
  readonly code: string;
  readonly mustAct: boolean;
  readonly eventReason?: 'TokenRequestDenied' | 'TokenRequestThrottled';
}

export const UNREACHABLE =
  'check DNS, proxy, VPC endpoint and egress policy, and AWS_ENDPOINT_URL and its kin if set';
export const CERTIFICATE: Wording = {
  problem: "the server's certificate is not trusted",
  remedy: 'if a proxy or private CA is between, give its CA in a file that AWS_CA_BUNDLE names',
};
/** No option of an endpoint is dropped silently: who asks for FIPS must not be given something else. */
const BAD_ENDPOINT: Wording = {
  problem: 'there is no endpoint as configured',
  remedy:
    'AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT go neither with AWS_ENDPOINT_URL and its kin nor with every partition',
};

/** For what ECR itself says or fails to say. */
export const ECR_REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  denied: {
    code: 'ECR_ACCESS_DENIED',
    mustAct: true,
    eventReason: 'TokenRequestDenied',
    problem: 'access denied',
    remedy:
      "an identity policy of the controller's role must allow ecr:GetAuthorizationToken on resource *",
  },
  throttled: {
    code: 'ECR_THROTTLED',
    mustAct: false,
    eventReason: 'TokenRequestThrottled',
    problem: 'throttled by ECR',
    remedy:
      'it passes by itself, else look for other callers of GetAuthorizationToken in the account',
  },
  expired: {
    code: 'AWS_CREDENTIALS_EXPIRED',
    mustAct: false,
    problem: 'the AWS credentials have expired, new ones too',
    remedy: 'check what supplies them and the clock of the node',
  },
  clockSkew: {
    code: 'AWS_CLOCK_SKEW',
    mustAct: true,
    problem: 'the signature is out of date',
    remedy: 'set the clock of the node right',
  },
  badSignature: {
    code: 'AWS_BAD_SIGNATURE',
    mustAct: true,
    problem: 'the signature does not match',
    remedy: 'check the secret access key, and that no proxy changes the request',
  },
  unknownClient: {
    code: 'ECR_WRONG_REGION',
    mustAct: true,
    problem: 'AWS does not know these credentials here',
    remedy:
      'check that the region is enabled for the account and right for its partition, and that the access key still exists',
  },
  noSuchHost: {
    code: 'ECR_WRONG_ENDPOINT',
    mustAct: true,
    problem: 'the ECR endpoint of this region has no address',
    remedy: `check the region's name and whether it has FIPS or dual-stack endpoints, if asked for; ${UNREACHABLE}`,
  },
  untrustedCertificate: { code: 'ECR_UNTRUSTED_CERTIFICATE', mustAct: true, ...CERTIFICATE },
  badEndpoint: { code: 'ECR_WRONG_ENDPOINT', mustAct: true, ...BAD_ENDPOINT },
  // The same for whatever is asked through it.
  proxyRefused: {
    code: 'AWS_PROXY_REFUSED',
    mustAct: true,
    problem: 'the proxy refused',
    remedy:
      'check the user and password in HTTPS_PROXY (HTTP 407) and that the proxy allows the endpoints of ECR and STS, or name them in NO_PROXY',
  },
  proxyUnreachable: {
    code: 'AWS_PROXY_UNREACHABLE',
    mustAct: false,
    problem: "the proxy can't be reached or gives no connection",
    remedy:
      'check HTTPS_PROXY, the egress policy and the proxy itself, and name in NO_PROXY what needs none',
  },
  timeout: {
    code: 'ECR_TIMEOUT',
    mustAct: false,
    problem: 'ECR did not answer in time',
    remedy: UNREACHABLE,
  },
  unavailable: {
    code: 'ECR_UNAVAILABLE',
    mustAct: false,
    problem: "ECR can't be reached or has failed",
    remedy: `if it does not pass by itself, ${UNREACHABLE}`,
  },
  invalidAnswer: {
    code: 'ECR_INVALID_ANSWER',
    mustAct: false,
    problem: "the answer can't be read",
    remedy: 'check what answers in the place of ECR (a proxy, AWS_ENDPOINT_URL_ECR)',
  },
  regionDisabled: {
    code: 'ECR_WRONG_REGION',
    mustAct: true,
    problem: 'the region is not enabled for the account',
    remedy: 'enable it, or mend the region of the registry host',
  },
  // ECR never says these.
  untrustedToken: other(),
  sessionTooLong: other(),
  tagsTooLong: other(),
  unreadableFile: other(),
  badVariable: other(),
  noProvider: other(),
  noRole: other(),
  disabled: other(),
  other: other(),
};

function other(): Reaction {
  return {
    code: 'AWS_REQUEST_FAILED',
    mustAct: false,
    problem: 'the request failed',
    remedy: 'look the name of the error up in the documentation of AWS',
  };
}

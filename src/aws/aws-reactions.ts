/** What each kind of trouble with AWS is called, whether a person must act, and the mend, in words for people. */
import type { ErrorKind } from './error-kind.ts';

/** How one kind of trouble is told and met. */
export interface Reaction {
  readonly code: string;
  readonly mustAct: boolean;
  readonly eventReason?: 'TokenRequestDenied' | 'TokenRequestThrottled';
  readonly text: string;
}

const UNREACHABLE =
  'check DNS, proxy, VPC endpoint and egress policy, and AWS_ENDPOINT_URL and its kin if set';
const CLOCK = 'the signature is out of date; set the clock of the node right';
const CERTIFICATE =
  "the server's certificate is not trusted; if a proxy or private CA is between, give its CA in NODE_EXTRA_CA_CERTS";

/** For what ECR itself says or fails to say. */
export const ECR_REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  denied: {
    code: 'ECR_ACCESS_DENIED',
    mustAct: true,
    eventReason: 'TokenRequestDenied',
    text: "access denied; an identity policy of the controller's role must allow ecr:GetAuthorizationToken on resource *",
  },
  throttled: {
    code: 'ECR_THROTTLED',
    mustAct: false,
    eventReason: 'TokenRequestThrottled',
    text: 'throttled by ECR; it passes by itself, else look for other callers of GetAuthorizationToken in the account',
  },
  expired: {
    code: 'AWS_CREDENTIALS_EXPIRED',
    mustAct: false,
    text: 'the AWS credentials have expired, new ones too; check what supplies them and the clock of the node',
  },
  clockSkew: { code: 'AWS_CLOCK_SKEW', mustAct: true, text: CLOCK },
  badSignature: {
    code: 'AWS_BAD_SIGNATURE',
    mustAct: true,
    text: 'the signature does not match; check the secret access key, and that no proxy changes the request',
  },
  unknownClient: {
    code: 'ECR_WRONG_REGION',
    mustAct: true,
    text: 'AWS does not know these credentials here; check that the region is enabled for the account and right for its partition, and that the access key still exists',
  },
  noSuchHost: {
    code: 'ECR_WRONG_ENDPOINT',
    mustAct: true,
    text: `the ECR endpoint of this region has no address; check the region's name; ${UNREACHABLE}`,
  },
  untrustedCertificate: { code: 'ECR_UNTRUSTED_CERTIFICATE', mustAct: true, text: CERTIFICATE },
  timeout: {
    code: 'ECR_TIMEOUT',
    mustAct: false,
    text: `ECR did not answer in time; ${UNREACHABLE}`,
  },
  unavailable: {
    code: 'ECR_UNAVAILABLE',
    mustAct: false,
    text: `ECR can't be reached or has failed; if it does not pass by itself, ${UNREACHABLE}`,
  },
  invalidAnswer: {
    code: 'ECR_INVALID_ANSWER',
    mustAct: false,
    text: "the answer can't be read; check what answers in the place of ECR (a proxy, AWS_ENDPOINT_URL_ECR)",
  },
  unreadableFile: other(),
  noProvider: other(),
  other: other(),
};

/** For the way to the credentials: STS, the Pod Identity agent, the instance metadata, files. */
export const CREDENTIALS_REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  ...ECR_REACTIONS,
  denied: {
    code: 'AWS_CREDENTIALS_DENIED',
    mustAct: true,
    eventReason: 'TokenRequestDenied',
    text: "the role was refused; check its ARN and its trust policy: for IRSA the cluster's OIDC provider, namespace and ServiceAccount name, for EKS Pod Identity the principal pods.eks.amazonaws.com",
  },
  throttled: {
    code: 'AWS_CREDENTIALS_THROTTLED',
    mustAct: false,
    eventReason: 'TokenRequestThrottled',
    text: 'throttled by STS; it passes by itself',
  },
  expired: {
    code: 'AWS_CREDENTIALS_EXPIRED',
    mustAct: false,
    text: 'the web identity token has expired; check that its file is kept fresh (a projected ServiceAccount token is) and the clock of the node',
  },
  noSuchHost: {
    code: 'AWS_CREDENTIALS_WRONG_ENDPOINT',
    mustAct: true,
    text: `the endpoint that gives credentials has no address; check the region's name; ${UNREACHABLE}`,
  },
  untrustedCertificate: {
    code: 'AWS_CREDENTIALS_UNTRUSTED_CERTIFICATE',
    mustAct: true,
    text: CERTIFICATE,
  },
  timeout: {
    code: 'AWS_CREDENTIALS_TIMEOUT',
    mustAct: false,
    text: `there was no answer in time; ${UNREACHABLE}`,
  },
  unavailable: {
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mustAct: false,
    text: `what gives them can't be reached or has failed; ${UNREACHABLE}`,
  },
  invalidAnswer: {
    code: 'AWS_CREDENTIALS_INVALID_ANSWER',
    mustAct: false,
    text: 'the answer was not readable; check what answers in the place of STS (a proxy, AWS_ENDPOINT_URL_STS)',
  },
  unreadableFile: {
    code: 'AWS_NO_CREDENTIALS',
    mustAct: true,
    text: "a file that is configured can't be read; check AWS_WEB_IDENTITY_TOKEN_FILE and that the ServiceAccount token is mounted",
  },
  noProvider: {
    code: 'AWS_NO_CREDENTIALS',
    mustAct: true,
    text: 'there are none. Asked were the environment, AWS configuration files, web identity (IRSA), EKS Pod Identity and the instance metadata of the node. Annotate the ServiceAccount of the controller with eks.amazonaws.com/role-arn (IRSA), or create an EKS Pod Identity association for it, or let Pods reach the node role (IMDS hop limit 2); outside EKS set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or access keys, in its environment. Then restart it',
  },
};

function other(): Reaction {
  return {
    code: 'AWS_REQUEST_FAILED',
    mustAct: false,
    text: 'the request failed; look the name of the error up in the documentation of AWS',
  };
}

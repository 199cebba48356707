/** The same for the way to the credentials, whichever step it is that failed; its own words come first. */
import { CERTIFICATE, ECR_REACTIONS, type Reaction, UNREACHABLE } from './aws-reactions.ts';
import type { CredentialStep } from './credentials-failure.ts';
import type { ErrorKind } from './error-kind.ts';
import { STEP_TEXTS } from './step-texts.ts';

export function reactionToFailure(step: CredentialStep, kind: ErrorKind): Reaction {
  return { ...REACTIONS[kind], ...STEP_TEXTS[step][kind] };
}

/** What holds for STS holds for most steps. */
const REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  ...ECR_REACTIONS,
  denied: {
    code: 'AWS_CREDENTIALS_DENIED',
    mustAct: true,
    eventReason: 'TokenRequestDenied',
    problem: 'the role was refused',
    remedy:
      "check its ARN and its trust policy: for IRSA the cluster's OIDC provider, namespace and ServiceAccount name, for EKS Pod Identity the principal pods.eks.amazonaws.com",
  },
  untrustedToken: {
    code: 'AWS_CREDENTIALS_DENIED',
    mustAct: true,
    eventReason: 'TokenRequestDenied',
    problem: 'AWS does not accept the token',
    remedy:
      "the account of the role needs an IAM OIDC provider for the cluster's issuer with the audience sts.amazonaws.com, and the token must be made for that audience",
  },
  throttled: {
    code: 'AWS_CREDENTIALS_THROTTLED',
    mustAct: false,
    eventReason: 'TokenRequestThrottled',
    problem: 'throttled',
    remedy: 'it passes by itself, else look for other callers of STS in the account',
  },
  expired: {
    code: 'AWS_CREDENTIALS_EXPIRED',
    mustAct: false,
    problem: 'the web identity token has expired',
    remedy:
      'check that its file is kept fresh (a projected ServiceAccount token is) and the clock of the node',
  },
  unknownClient: {
    code: 'AWS_CREDENTIALS_WRONG_REGION',
    mustAct: true,
    problem: 'STS does not know the credentials here',
    remedy:
      'check that the region is enabled for the account and right for its partition, and that the access key still exists',
  },
  regionDisabled: {
    code: 'AWS_CREDENTIALS_WRONG_REGION',
    mustAct: true,
    problem: 'STS is not active in this region for the account of the role',
    remedy: 'enable the region there, or mend the region of the registry host',
  },
  sessionTooLong: {
    code: 'AWS_CREDENTIALS_SESSION_TOO_LONG',
    mustAct: true,
    problem:
      'the session is longer than the role allows, or than the hour that role chaining allows',
    remedy: 'lower duration_seconds in the AWS configuration file',
  },
  tagsTooLong: {
    code: 'AWS_CREDENTIALS_TAGS_TOO_LONG',
    mustAct: true,
    problem: 'the session tags are too long together, those that are inherited included',
    remedy: 'shorten or drop sessionTags, or disable the session tags of EKS Pod Identity',
  },
  noSuchHost: {
    code: 'AWS_CREDENTIALS_WRONG_ENDPOINT',
    mustAct: true,
    problem: 'the endpoint that gives credentials has no address',
    remedy: `check the region's name; ${UNREACHABLE}`,
  },
  badEndpoint: { ...ECR_REACTIONS.badEndpoint, code: 'AWS_CREDENTIALS_WRONG_ENDPOINT' },
  untrustedCertificate: {
    code: 'AWS_CREDENTIALS_UNTRUSTED_CERTIFICATE',
    mustAct: true,
    ...CERTIFICATE,
  },
  timeout: {
    code: 'AWS_CREDENTIALS_TIMEOUT',
    mustAct: false,
    problem: 'there was no answer in time',
    remedy: UNREACHABLE,
  },
  unavailable: {
    code: 'AWS_CREDENTIALS_UNAVAILABLE',
    mustAct: false,
    problem: "what gives them can't be reached or has failed",
    remedy: UNREACHABLE,
  },
  invalidAnswer: {
    code: 'AWS_CREDENTIALS_INVALID_ANSWER',
    mustAct: false,
    problem: 'the answer was not readable',
    remedy: 'check what answers in the place of STS (a proxy, AWS_ENDPOINT_URL_STS)',
  },
  unreadableFile: {
    code: 'AWS_NO_CREDENTIALS',
    mustAct: true,
    problem: "a file that is configured can't be read",
    remedy: 'check AWS_WEB_IDENTITY_TOKEN_FILE and that the ServiceAccount token is mounted',
  },
  badVariable: none(
    'an environment variable that says where to ask has no usable value',
    'mend it or unset it',
  ),
  noProvider: none(
    'there are none, and asked were the environment, AWS configuration files, web identity (IRSA), EKS Pod Identity and the instance metadata of the node',
    'annotate the ServiceAccount of the controller with eks.amazonaws.com/role-arn (IRSA), or create an EKS Pod Identity association for it, or let Pods reach the node role (IMDS hop limit 2); outside EKS set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or access keys, in its environment. Then restart it',
  ),
  noRole: none('there is no role to give', 'give one to the Pod or the node'),
  disabled: none('they are switched off', 'see the environment of the controller'),
};

function none(problem: string, remedy: string): Reaction {
  return { code: 'AWS_NO_CREDENTIALS', mustAct: true, problem, remedy };
}

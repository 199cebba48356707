/** The same for the way to the credentials, whichever step it is that failed; its own words come first. */
import {
  BAD_ENDPOINT,
  CERTIFICATE,
  COMMON_REACTIONS,
  passing,
  type Reaction,
  stalled,
  UNREACHABLE,
} from './ecr-reactions.ts';
import type { ErrorKind } from './error-kind.ts';
import type { CredentialStep } from './failures.ts';
import { STEP_TEXTS } from './step-texts.ts';

export function reactionToFailure(step: CredentialStep, kind: ErrorKind): Reaction {
  const reaction = STS_REACTIONS[kind];
  return { ...reaction, words: STEP_TEXTS[step][kind] ?? reaction.words };
}

/**
 * What holds for STS holds for most steps; here is a reaction to every kind.
 *
 * @internal Exported for its test.
 */
export const STS_REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  ...COMMON_REACTIONS,
  denied: stalled(
    'AWS_CREDENTIALS_DENIED',
    "the role was refused; check its ARN and its trust policy: for IRSA the cluster's OIDC provider, namespace and ServiceAccount name, for EKS Pod Identity the principal pods.eks.amazonaws.com",
  ),
  untrustedToken: stalled(
    'AWS_CREDENTIALS_DENIED',
    "AWS does not accept the token; the account of the role needs an IAM OIDC provider for the cluster's issuer with the audience sts.amazonaws.com, and the token must be made for that audience",
  ),
  throttled: passing(
    'AWS_CREDENTIALS_THROTTLED',
    'throttled; it passes by itself, else look for other callers of STS in the account',
  ),
  expired: passing(
    'AWS_CREDENTIALS_EXPIRED',
    'the web identity token has expired; check that its file is kept fresh (a projected ServiceAccount token is) and the clock of the node',
  ),
  unknownClient: stalled(
    'AWS_CREDENTIALS_WRONG_REGION',
    'STS does not know the credentials here; check that the region is enabled for the account and right for its partition, and that the access key still exists',
  ),
  regionDisabled: stalled(
    'AWS_CREDENTIALS_WRONG_REGION',
    'STS is not active in this region for the account of the role; enable the region there, or fix the region of the registry host',
  ),
  sessionTooLong: stalled(
    'AWS_CREDENTIALS_SESSION_TOO_LONG',
    'the session is longer than the role allows, or than the hour that role chaining allows; lower duration_seconds in the AWS configuration file',
  ),
  tagsTooLong: stalled(
    'AWS_CREDENTIALS_TAGS_TOO_LONG',
    'the session tags are too long together, those that are inherited included; shorten or drop sessionTags, or disable the session tags of EKS Pod Identity',
  ),
  noSuchHost: stalled(
    'AWS_CREDENTIALS_WRONG_ENDPOINT',
    `the endpoint that gives credentials has no address; check the region's name; ${UNREACHABLE}`,
  ),
  badEndpoint: stalled('AWS_CREDENTIALS_WRONG_ENDPOINT', BAD_ENDPOINT),
  untrustedCertificate: stalled('AWS_CREDENTIALS_UNTRUSTED_CERTIFICATE', CERTIFICATE),
  timeout: passing('AWS_CREDENTIALS_TIMEOUT', `there was no answer in time; ${UNREACHABLE}`),
  unavailable: passing(
    'AWS_CREDENTIALS_UNAVAILABLE',
    `what gives them can't be reached or has failed; ${UNREACHABLE}`,
  ),
  invalidAnswer: passing(
    'AWS_CREDENTIALS_INVALID_ANSWER',
    'the answer was not readable; check what answers in the place of STS (a proxy, AWS_ENDPOINT_URL_STS)',
  ),
  unreadableFile: stalled(
    'AWS_NO_CREDENTIALS',
    "a file that is configured can't be read; check AWS_WEB_IDENTITY_TOKEN_FILE and that the ServiceAccount token is mounted",
  ),
  badVariable: stalled(
    'AWS_NO_CREDENTIALS',
    'an environment variable that says where to ask has no usable value; fix it or unset it',
  ),
  noProvider: stalled(
    'AWS_NO_CREDENTIALS',
    'there are none, and asked were the environment, AWS configuration files, web identity (IRSA), EKS Pod Identity and the instance metadata of the node; annotate the ServiceAccount of the controller with eks.amazonaws.com/role-arn (IRSA), or create an EKS Pod Identity association for it, or let Pods reach the node role (IMDS hop limit 2); outside EKS set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or access keys, in its environment. Then restart it',
  ),
  noRole: stalled(
    'AWS_NO_CREDENTIALS',
    'there is no role to give; give one to the Pod or the node',
  ),
  disabled: stalled(
    'AWS_NO_CREDENTIALS',
    'they are switched off; see the environment of the controller',
  ),
};

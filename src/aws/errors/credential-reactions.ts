/** The reactions to failures on the way to the credentials. The failed step's own words take precedence. */
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
 * The reactions to failures of STS, which fit most steps. They cover every kind.
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
    "AWS does not accept the token; the account of the role needs an IAM OIDC provider for the cluster's issuer with the audience sts.amazonaws.com, and the token must be issued for that audience",
  ),
  throttled: passing(
    'AWS_CREDENTIALS_THROTTLED',
    'throttled by STS; this should pass by itself; if it does not, look for other callers of STS in the account',
  ),
  expired: passing(
    'AWS_CREDENTIALS_EXPIRED',
    'the web identity token has expired; check that its file is refreshed, as that of a projected ServiceAccount token is, and check the clock of the node',
  ),
  unknownClient: stalled(
    'AWS_CREDENTIALS_WRONG_REGION',
    "STS does not know these credentials in this region; check that the region is enabled for the account and belongs to the account's partition, and that the access key still exists",
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
    'the session tags, including inherited ones, are too long in total; shorten or drop sessionTags, or disable the session tags of EKS Pod Identity',
  ),
  noSuchHost: stalled(
    'AWS_CREDENTIALS_WRONG_ENDPOINT',
    `the endpoint for credentials has no address in DNS; check the name of the region; ${UNREACHABLE}`,
  ),
  badEndpoint: stalled('AWS_CREDENTIALS_WRONG_ENDPOINT', BAD_ENDPOINT),
  untrustedCertificate: stalled('AWS_CREDENTIALS_UNTRUSTED_CERTIFICATE', CERTIFICATE),
  timeout: passing('AWS_CREDENTIALS_TIMEOUT', `no response in time; ${UNREACHABLE}`),
  unavailable: passing(
    'AWS_CREDENTIALS_UNAVAILABLE',
    `the source of the credentials can't be reached or has failed; ${UNREACHABLE}`,
  ),
  invalidAnswer: passing(
    'AWS_CREDENTIALS_INVALID_ANSWER',
    "the response can't be read; check whether something else responds instead of STS (a proxy, AWS_ENDPOINT_URL_STS)",
  ),
  unreadableFile: stalled(
    'AWS_NO_CREDENTIALS',
    "a configured file can't be read; check AWS_WEB_IDENTITY_TOKEN_FILE and that the ServiceAccount token is mounted",
  ),
  badVariable: stalled(
    'AWS_NO_CREDENTIALS',
    'an environment variable with the address of the source has an unusable value; fix it or unset it',
  ),
  noProvider: stalled(
    'AWS_NO_CREDENTIALS',
    'none in the environment, AWS configuration files, web identity (IRSA), EKS Pod Identity or the instance metadata of the node; give the controller an identity, then restart it. On EKS: annotate its ServiceAccount with eks.amazonaws.com/role-arn (IRSA), create an EKS Pod Identity association, or let Pods reach the node role (IMDS hop limit 2). Elsewhere: set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or access keys',
  ),
  noRole: stalled('AWS_NO_CREDENTIALS', 'there is no role; give one to the Pod or the node'),
  disabled: stalled(
    'AWS_NO_CREDENTIALS',
    'this source is switched off; check the environment of the controller',
  ),
};

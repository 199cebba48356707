/** The words particular to each step on the way to the credentials, without the name of a role. */
import type { ErrorKind } from './error-kind.ts';
import type { Words } from './ecr-reactions.ts';
import type { CredentialStep } from './failures.ts';

type Texts = Readonly<Partial<Record<ErrorKind, Words>>>;

const HOP_LIMIT =
  'Pods reach the instance metadata service (IMDS) only with hop limit 2 (HttpPutResponseHopLimit; many node groups have 1) or on the host network, and only if no network policy blocks it; otherwise use webIdentity or podIdentity';
const AGENT =
  'check that the eks-pod-identity-agent add-on runs on this node and that no network policy or proxy blocks its address';

const webIdentity: Texts = {
  noProvider:
    'AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not both set; annotate the ServiceAccount of the controller with eks.amazonaws.com/role-arn and restart it, or set roleArn and tokenFile under credentials',
  unreadableFile:
    "the token file is missing, empty or can't be read; check tokenFile or AWS_WEB_IDENTITY_TOKEN_FILE, and that a projected ServiceAccount token is mounted there",
  denied:
    "the role does not trust this ServiceAccount, or does not exist; its trust policy must allow sts:AssumeRoleWithWebIdentity for the cluster's OIDC provider, with matching conditions on sub (system:serviceaccount:<namespace>:<name>) and aud",
  expired:
    'the web identity token has expired; check that the kubelet refreshes its file (mounted as a projected token, not as a subPath or a copy), and check the clock of the node',
};

const podIdentity: Texts = {
  noProvider:
    'AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE are not both set; create an EKS Pod Identity association for the ServiceAccount of the controller, and restart it',
  badVariable:
    'AWS_CONTAINER_CREDENTIALS_FULL_URI is not the address of an agent; it must be https, or 169.254.170.23, [fd00:ec2::23] or loopback',
  unreadableFile:
    "the agent's token file is missing, empty or can't be read; check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, and restart the Pod, so that EKS mounts it again",
  noRole:
    'the ServiceAccount of the controller has no EKS Pod Identity association; create one (aws eks create-pod-identity-association)',
  denied:
    "EKS refused the agent; the role's trust policy must allow pods.eks.amazonaws.com to call sts:AssumeRole and sts:TagSession, and the node's role needs eks-auth:AssumeRoleForPodIdentity",
  untrustedToken:
    'EKS does not accept the token; restart the Pod, so that EKS mounts it again, and check that the token belongs to this cluster',
  expired:
    'the token for the agent has expired; check that the kubelet refreshes its file, and check the clock of the node',
  throttled: 'throttled by EKS; this should pass by itself',
  noSuchHost:
    "the address of the agent can't be resolved; check AWS_CONTAINER_CREDENTIALS_FULL_URI",
  timeout: `the agent did not respond in time; ${AGENT}`,
  unavailable: `the agent can't be reached or has failed; ${AGENT}`,
  invalidAnswer:
    "the response can't be read; check whether something else responds instead of the agent (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
  other: 'the agent refused the request; see the log of eks-pod-identity-agent on this node',
};

const instanceProfile: Texts = {
  badVariable:
    'the address of the instance metadata is unusable; AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http address, and AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE IPv4 or IPv6',
  disabled: `AWS_EC2_METADATA_DISABLED is set; unset it. ${HOP_LIMIT}`,
  noRole: `the node has no role; give it an instance profile. ${HOP_LIMIT}`,
  denied: `the instance metadata service refused the request; check that the role of the node exists and trusts ec2.amazonaws.com, and that the metadata endpoint is enabled. ${HOP_LIMIT}`,
  throttled: `throttled by the instance metadata; this should pass by itself; if it does not, look for what calls it so often on this node. ${HOP_LIMIT}`,
  noSuchHost: `the address of the instance metadata can't be resolved; check AWS_EC2_METADATA_SERVICE_ENDPOINT. ${HOP_LIMIT}`,
  timeout: `the instance metadata (IMDSv2) did not respond in time; ${HOP_LIMIT}`,
  unavailable: `the instance metadata (IMDSv2) can't be reached or has failed; ${HOP_LIMIT}`,
  invalidAnswer: `the response can't be read; check whether something else responds instead of the instance metadata. ${HOP_LIMIT}`,
  other: `this address does not support version 2 of the instance metadata, and version 1 is never used; ${HOP_LIMIT}`,
};

const environment: Texts = {
  noProvider:
    'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set; set them, or choose another credentials.source',
};

const assumedRole: Texts = {
  denied:
    "the role does not exist, or these credentials are not allowed to assume it; its trust policy must allow sts:AssumeRole (and sts:TagSession, if there are session tags or EKS Pod Identity is used) to the previous role with this externalId, and the previous role's own policy must allow the same",
  expired:
    'the credentials of the previous step have expired, even new ones; check what supplies them, and the clock of the node',
  sessionTooLong:
    'role chaining allows one hour at most, and AWS counts this session as longer; check the maximum session duration of the role',
  untrustedToken:
    'STS does not accept the credentials of the previous step; check what supplies them',
};

export const STEP_TEXTS: Readonly<Record<CredentialStep, Texts>> = {
  auto: {},
  webIdentity,
  podIdentity,
  instanceProfile,
  environment,
  assumedRole,
};

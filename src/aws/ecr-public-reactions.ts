/** The same for ECR Public, where it differs: it has a permission more, and one region only. */
import { ECR_REACTIONS, type Reaction, UNREACHABLE } from './aws-reactions.ts';
import type { ErrorKind } from './error-kind.ts';

export const ECR_PUBLIC_REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  ...ECR_REACTIONS,
  denied: {
    ...ECR_REACTIONS.denied,
    problem: 'access denied',
    remedy:
      "an identity policy of the controller's role must allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on resource *",
  },
  throttled: {
    ...ECR_REACTIONS.throttled,
    problem: 'throttled by ECR Public',
    remedy:
      'it passes by itself, else look for other callers of ecr-public:GetAuthorizationToken in the account',
  },
  noSuchHost: {
    ...ECR_REACTIONS.noSuchHost,
    problem: 'the ECR Public endpoint has no address',
    remedy: `it exists in us-east-1 and has no VPC endpoint; ${UNREACHABLE}`,
  },
  regionDisabled: {
    ...ECR_REACTIONS.regionDisabled,
    problem: 'ECR Public gives tokens in us-east-1 of the partition aws only',
    remedy:
      'check AWS_ENDPOINT_URL_ECR_PUBLIC if set, and take its hosts out of profiles of other partitions',
  },
  timeout: {
    ...ECR_REACTIONS.timeout,
    problem: 'ECR Public did not answer in time',
    remedy: `it has no VPC endpoint; ${UNREACHABLE}`,
  },
  unavailable: {
    ...ECR_REACTIONS.unavailable,
    problem: "ECR Public can't be reached or has failed",
    remedy: `if it does not pass by itself, ${UNREACHABLE}; it has no VPC endpoint`,
  },
  invalidAnswer: {
    ...ECR_REACTIONS.invalidAnswer,
    problem: "the answer can't be read",
    remedy: 'check what answers in the place of ECR Public (a proxy, AWS_ENDPOINT_URL_ECR_PUBLIC)',
  },
};

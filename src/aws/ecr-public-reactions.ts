/** The same for ECR Public, where it differs: it has a permission more, and one region only. */
import { ECR_REACTIONS, type Reaction, UNREACHABLE } from './aws-reactions.ts';
import type { ErrorKind } from './error-kind.ts';

export const ECR_PUBLIC_REACTIONS: Readonly<Record<ErrorKind, Reaction>> = {
  ...ECR_REACTIONS,
  denied: {
    ...ECR_REACTIONS.denied,
    text: "access denied; an identity policy of the controller's role must allow ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken on resource *",
  },
  throttled: {
    ...ECR_REACTIONS.throttled,
    text: 'throttled by ECR Public; it passes by itself, else look for other callers of ecr-public:GetAuthorizationToken in the account',
  },
  noSuchHost: {
    ...ECR_REACTIONS.noSuchHost,
    text: `the ECR Public endpoint has no address; it exists in us-east-1 and has no VPC endpoint; ${UNREACHABLE}`,
  },
  regionDisabled: {
    ...ECR_REACTIONS.regionDisabled,
    text: 'ECR Public gives tokens in us-east-1 of the partition aws only; check AWS_ENDPOINT_URL_ECR_PUBLIC if set, and take its hosts out of profiles of other partitions',
  },
  timeout: {
    ...ECR_REACTIONS.timeout,
    text: `ECR Public did not answer in time; it has no VPC endpoint; ${UNREACHABLE}`,
  },
  unavailable: {
    ...ECR_REACTIONS.unavailable,
    text: `ECR Public can't be reached or has failed; if it does not pass by itself, ${UNREACHABLE}; it has no VPC endpoint`,
  },
  invalidAnswer: {
    ...ECR_REACTIONS.invalidAnswer,
    text: "the answer can't be read; check what answers in the place of ECR Public (a proxy, AWS_ENDPOINT_URL_ECR_PUBLIC)",
  },
};

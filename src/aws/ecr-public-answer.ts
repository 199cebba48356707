/** Checks the shape of ECR Public's answer: one object where ECR gives a list, and no registry, for there is one only. */
import type { GetAuthorizationTokenCommandOutput } from '@aws-sdk/client-ecr-public';
import { invalidAnswer, parseAuthorizationToken } from './authorization-token.ts';
import type { EcrAnswer } from './ecr-answer.ts';

const PUBLIC_REGISTRY = 'public.ecr.aws';

/** Throws a `TransientError` (`ECR_INVALID_ANSWER`) that says what is wrong, for an answer that can't be used. */
export function parseEcrPublicAnswer(
  output: Pick<GetAuthorizationTokenCommandOutput, 'authorizationData'>,
  region: string,
): EcrAnswer {
  const item: unknown = output.authorizationData;
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw invalidAnswer(region, 'it holds no token');
  }
  const { authorizationToken, expiresAt } = item as NonNullable<typeof output.authorizationData>;
  return {
    authorization: parseAuthorizationToken(authorizationToken, region),
    ownRegistry: PUBLIC_REGISTRY,
    expiresAt,
  };
}

/** Checks the shape of an answer before anything else looks at it. Quotes nothing of it: it holds a token. */
import type { GetAuthorizationTokenCommandOutput } from '@aws-sdk/client-ecr';
import type { GetAuthorizationTokenCommandOutput as PublicOutput } from '@aws-sdk/client-ecr-public';
import { parseRegistryHost } from '../domain/registry-host.ts';
import type { SecretText } from '../domain/secret-text.ts';
import { invalidAnswer, parseAuthorizationToken } from './authorization-token.ts';

const SCHEME = 'https://';
const PUBLIC_REGISTRY = 'public.ecr.aws';

export interface EcrAnswer {
  /** base64("AWS:" + password), checked. */
  readonly authorization: SecretText;
  /** The registry of the caller's own account; of ECR Public its only one. */
  readonly ownRegistry: string;
  /** As it came: not yet believed. */
  readonly expiresAt: Date | undefined;
}

/** Throws a `TransientError` (`ECR_INVALID_ANSWER`) that says what is wrong, for an answer that can't be used. */
export function parseEcrAnswer(
  output: Pick<GetAuthorizationTokenCommandOutput, 'authorizationData'>,
  region: string,
): EcrAnswer {
  const items = output.authorizationData ?? [];
  const [item] = items;
  if (item === undefined || items.length !== 1) {
    throw invalidAnswer(region, `it holds ${items.length} tokens instead of one`);
  }
  const authorization = parseAuthorizationToken(item.authorizationToken, region);
  const ownRegistry = registryOf(item.proxyEndpoint, region);
  if (ownRegistry === undefined) {
    throw invalidAnswer(region, `its proxyEndpoint is no registry of ${region}`);
  }
  return { authorization, ownRegistry, expiresAt: item.expiresAt };
}

/** As for ECR. The answer has one object where ECR's has a list, and names no registry, for there is one only. */
export function parseEcrPublicAnswer(
  output: Pick<PublicOutput, 'authorizationData'>,
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

function registryOf(proxyEndpoint: unknown, region: string): string | undefined {
  if (typeof proxyEndpoint !== 'string' || !proxyEndpoint.startsWith(SCHEME)) return undefined;
  const registry = parseRegistryHost(proxyEndpoint.slice(SCHEME.length));
  return registry.kind === 'private' && registry.region === region ? registry.host : undefined;
}

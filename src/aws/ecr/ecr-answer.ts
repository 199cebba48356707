/** Checks the shape of an answer before anything else uses it. Never quotes it: it holds a token. */
import type { GetAuthorizationTokenCommandOutput } from '@aws-sdk/client-ecr';
import type { GetAuthorizationTokenCommandOutput as PublicOutput } from '@aws-sdk/client-ecr-public';
import { TransientError } from '../../domain/errors.ts';
import { parseRegistryHost } from '../../domain/token/registry-host.ts';
import { SecretText } from '../../domain/secret-text.ts';

const SCHEME = 'https://';
const PUBLIC_REGISTRY = 'public.ecr.aws';
/** Passwords of 2.3 to 3.2 kB have been seen; a Secret must hold many. */
const LONGEST_TOKEN = 16 * 1024;

export interface EcrAnswer {
  /** base64("AWS:" + password), checked. */
  readonly authorization: SecretText;
  /** The registry of the caller's own account; for ECR Public, its only registry. */
  readonly ownRegistry: string;
  /** As received, not yet checked. */
  readonly expiresAt: Date | undefined;
}

/** Throws a `TransientError` (`ECR_INVALID_ANSWER`) with the cause if the answer can't be used. */
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
    throw invalidAnswer(region, `its proxyEndpoint is not a registry in ${region}`);
  }
  return { authorization, ownRegistry, expiresAt: item.expiresAt };
}

/** Like `parseEcrAnswer`. ECR Public's answer has an object instead of a list, and names no registry: it has only one. */
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

/** `token`: as received, base64("AWS:" + password). Throws the error of `invalidAnswer`. */
function parseAuthorizationToken(token: unknown, region: string): SecretText {
  const flaw = flawOf(token);
  if (flaw !== undefined) throw invalidAnswer(region, flaw);
  return new SecretText(String(token));
}

function invalidAnswer(region: string, flaw: string): TransientError {
  return new TransientError(
    `can't mint an ECR token in ${region}: the response can't be used: ${flaw}`,
    {
      code: 'ECR_INVALID_ANSWER',
      eventReason: 'TokenRequestFailed',
      fix: 'check whether something else responds instead of ECR (a proxy, AWS_ENDPOINT_URL_ECR)',
    },
  );
}

/** What the kubelet and every container runtime must be able to send: `AWS:<password>` in strict base64. */
function flawOf(token: unknown): string | undefined {
  if (typeof token !== 'string' || token === '') return 'it holds no authorizationToken';
  if (token.length > LONGEST_TOKEN) return 'its authorizationToken is longer than 16 KiB';
  const text = Buffer.from(token, 'base64').toString('latin1');
  if (Buffer.from(text, 'latin1').toString('base64') !== token) {
    return 'its authorizationToken is not base64';
  }
  // The password comes after the first colon, and may contain more of them.
  const colon = text.indexOf(':');
  if (text.slice(0, Math.max(colon, 0)) !== 'AWS') {
    return 'its authorizationToken is not for user AWS';
  }
  const password = text.slice(colon + 1);
  if (password === '') return 'its authorizationToken has no password';
  return /^[\x21-\x7e]+$/.test(password)
    ? undefined
    : 'its authorizationToken has characters that are not printable ASCII';
}

/** Checks the shape of ECR's answer before anything else looks at it. Quotes nothing of it: it holds a token. */
import type { GetAuthorizationTokenCommandOutput } from '@aws-sdk/client-ecr';
import { TransientError } from '../domain/errors.ts';
import { parseRegistryHost } from '../domain/registry-host.ts';
import { SecretText } from '../domain/secret-text.ts';

/** Passwords of 2.3 to 3.2 kB have been seen; a Secret must hold many. */
const LONGEST_TOKEN = 16 * 1024;
const SCHEME = 'https://';

export interface EcrAnswer {
  /** base64("AWS:" + password), checked. */
  readonly authorization: SecretText;
  /** The registry of the caller's own account. */
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
  const token: unknown = item.authorizationToken;
  const slip = slipInToken(token);
  if (slip !== undefined) throw invalidAnswer(region, slip);
  const ownRegistry = registryOf(item.proxyEndpoint, region);
  if (ownRegistry === undefined) {
    throw invalidAnswer(region, `its proxyEndpoint is no registry of ${region}`);
  }
  return {
    authorization: new SecretText(String(token)),
    ownRegistry,
    expiresAt: item.expiresAt,
  };
}

export function invalidAnswer(region: string, slip: string): TransientError {
  return new TransientError(
    `minting ECR token in ${region}: the answer can't be used: ${slip}; check what answers in the place of ECR (a proxy, AWS_ENDPOINT_URL_ECR)`,
    { code: 'ECR_INVALID_ANSWER', eventReason: 'TokenRequestFailed' },
  );
}

/** What the kubelet and every container runtime must be able to send: `AWS:<password>` in strict base64. */
function slipInToken(token: unknown): string | undefined {
  if (typeof token !== 'string' || token === '') return 'it holds no authorizationToken';
  if (token.length > LONGEST_TOKEN) return 'its authorizationToken is longer than 16 KiB';
  const text = Buffer.from(token, 'base64').toString('latin1');
  if (Buffer.from(text, 'latin1').toString('base64') !== token) {
    return 'its authorizationToken is not base64';
  }
  // The password comes after the first colon, and may hold others.
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

function registryOf(proxyEndpoint: unknown, region: string): string | undefined {
  if (typeof proxyEndpoint !== 'string' || !proxyEndpoint.startsWith(SCHEME)) return undefined;
  const registry = parseRegistryHost(proxyEndpoint.slice(SCHEME.length));
  return registry.kind === 'private' && registry.region === region ? registry.host : undefined;
}

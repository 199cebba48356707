/** `auto`: the SDK's own search, in its order, with the environment of the process. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { SESSION_NAME } from './assume-role.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';

/** In the order of the SDK's default chain; the markers are in its debug lines since 3.x and are held by a test. */
const PROVIDERS: readonly (readonly [marker: string, provider: string])[] = [
  ['defaultProvider::fromEnv', 'environment'],
  ['defaultProvider::fromIni', 'AWS configuration files'],
  ['defaultProvider::fromTokenFile', 'web identity (IRSA)'],
  ['remoteProvider::fromHttp', 'EKS Pod Identity'],
  ['remoteProvider::fromInstanceMetadata', 'instance metadata'],
  [
    'Instance Metadata Service access disabled',
    'instance metadata, disabled by AWS_EC2_METADATA_DISABLED',
  ],
];

/** The SDK waits for a silent Pod Identity agent for ever: the caller needs a deadline. */
export function openDefaultChain({ sdk, timeouts, environment }: CredentialParts): OpenedSource {
  let provider = 'default chain';
  const logger = {
    /** Who was asked last, which the errors don't tell. Keeps names, never text. */
    debug(line: unknown): void {
      const found = PROVIDERS.find(([marker]) => typeof line === 'string' && line.includes(marker));
      provider = found?.[1] ?? provider;
    },
    /** The SDK would print its warnings on the console otherwise. */
    info() {},
    warn() {},
    error() {},
  };
  const read = fromNodeProviderChain({
    clientConfig: sdk,
    logger,
    maxRetries: 0,
    timeout: timeouts.credentialsMs,
    roleSessionName: environment['AWS_ROLE_SESSION_NAME'] || SESSION_NAME,
  });
  return { describe: () => provider, read: () => read() };
}

/** `auto`: the SDK's default chain, in its own order, with the environment of the process. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { SESSION_NAME } from './assume-role.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';

/** In the order of the SDK's default chain. The markers appear in its debug lines since 3.x; a test checks them. */
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

/** The SDK waits forever for a silent Pod Identity agent: the caller needs a deadline. */
export function openDefaultChain({ sdk, timeouts, environment }: CredentialParts): OpenedSource {
  let provider = 'default chain';
  const logger = {
    /** Notes which provider was asked last: the errors do not contain it. Keeps names, never text. */
    debug(line: unknown): void {
      const found = PROVIDERS.find(([marker]) => typeof line === 'string' && line.includes(marker));
      provider = found?.[1] ?? provider;
    },
    /** Otherwise the SDK would print its warnings to the console. */
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

/** `auto`: the SDK's own search, in its order, with the environment of the process. */
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { SESSION_NAME } from './assume-role.ts';
import type { OpenedSource } from './credential-source.ts';
import type { CredentialParts } from './credentials.ts';
import { CredentialTrail } from './credential-trail.ts';

/** The SDK waits for a silent Pod Identity agent for ever: the caller needs a deadline. */
export function openDefaultChain({ sdk, timeouts, environment }: CredentialParts): OpenedSource {
  const trail = new CredentialTrail();
  const read = fromNodeProviderChain({
    clientConfig: sdk,
    logger: trail,
    maxRetries: 0,
    timeout: timeouts.credentialsMs,
    roleSessionName: environment['AWS_ROLE_SESSION_NAME'] || SESSION_NAME,
  });
  return { describe: () => trail.lastProvider, read: () => read() };
}

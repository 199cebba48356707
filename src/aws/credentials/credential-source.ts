/** Where the first credentials come from: one file for each source, and nothing that falls through from one to another. */
import type { CredentialSource } from '../../domain/identity.ts';
import type { AwsCredentials } from '../network/aws-access.ts';
import type { CredentialParts } from './credentials.ts';
import { openDefaultChain } from './default-chain.ts';
import { openEnvironmentKeys } from './environment-keys.ts';
import { openInstanceProfile } from './instance-profile.ts';
import { openPodIdentity } from './pod-identity.ts';
import { openWebIdentity } from './web-identity.ts';

export interface OpenedSource {
  /** Who is asked, or was asked last, in words. */
  readonly describe: () => string;
  /** Asks anew each time. Rejects with an error of the SDK or of Node, or with a `SourceError`. */
  readonly read: () => Promise<AwsCredentials>;
}

export function openSource(source: CredentialSource, parts: CredentialParts): OpenedSource {
  switch (source.kind) {
    case 'auto':
      return openDefaultChain(parts);
    case 'webIdentity':
      return openWebIdentity(source.explicit, parts);
    case 'podIdentity':
      return openPodIdentity(parts);
    case 'instanceProfile':
      return openInstanceProfile(parts);
    case 'environment':
      return openEnvironmentKeys(parts);
  }
}

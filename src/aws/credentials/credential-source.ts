/** Where the first credentials come from: one file for each source, and no fallback from one to another. */
import type { CredentialSource } from '../../domain/identity.ts';
import type { CredentialParts, OpenedSource } from './credential-parts.ts';
import { openDefaultChain } from './default-chain.ts';
import { openEnvironmentKeys } from './environment-keys.ts';
import { openInstanceProfile } from './instance-profile.ts';
import { openPodIdentity } from './pod-identity.ts';
import { openWebIdentity } from './web-identity.ts';

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

/** Derives the identities of a checked profile. */
import { identityHash } from '../domain/token/hashes.ts';
import type { AssumedRole, CredentialSource, Identity } from '../domain/identity.ts';

export function identityOf(
  about: Pick<Identity, 'service' | 'region'>,
  source: CredentialSource = { kind: 'auto' },
  assumed: readonly AssumedRole[] = [],
): Identity {
  const { service, region } = about;
  return {
    hash: identityHash({
      source: hashedSource(source),
      assumeRole: assumed.length > 1 ? assumed.map(hashedRole) : assumed.map(hashedRole)[0],
      service: service === 'ecr-public' ? service : undefined,
      region,
    }),
    source,
    assumeRole: assumed,
    service,
    region,
    verifyHosts: [],
  };
}

/** The hash is stored, so this format must not change: what is not configured has no key. */
function hashedSource(source: CredentialSource): string | Readonly<Record<string, unknown>> {
  return source.kind === 'webIdentity' && source.explicit !== undefined
    ? { kind: source.kind, ...source.explicit }
    : source.kind;
}

function hashedRole({ sessionTags, ...role }: AssumedRole): Readonly<Record<string, unknown>> {
  return Object.keys(sessionTags).length === 0 ? role : { ...role, sessionTags };
}

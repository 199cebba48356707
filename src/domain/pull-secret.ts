/** Renders the content of our Secret: the dockerconfigjson and the annotations that describe it. */
import { SECRET_ANNOTATIONS } from './contract.ts';
import type { RegistryToken } from './registry-token.ts';
import { SecretText } from './secret-text.ts';
import type { Grant } from './settings.ts';
import { renderTokenRecords } from './token-record.ts';

/** The whole content of our Secret. */
export interface PullSecretContent {
  readonly dockerConfig: SecretText;
  /** Every annotation that describes the data, by full key. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A token in the place of the Secret where it belongs. */
export interface Entry {
  readonly profile: string;
  readonly hosts: Grant['hosts'];
  readonly token: RegistryToken;
}

/** Equal input gives equal bytes, so that writing it again changes nothing on the server. */
export function renderPullSecret(
  entries: readonly Entry[],
  about: { readonly configHash: string; readonly refreshRequestedAt: string | undefined },
): PullSecretContent {
  const tokenByHost = new Map(
    entries.flatMap(({ hosts, token }) =>
      hostsOf(hosts, token).map((host) => [host, token] as const),
    ),
  );
  const hosts = [...tokenByHost.keys()].sort();
  const auths = Object.fromEntries(
    hosts.map((host) => [host, { auth: tokenByHost.get(host)?.authorization.reveal() }]),
  );
  const tokens = entries.map(({ profile, token }) => ({
    profile,
    identity: token.identity.hash,
    mintedAt: token.mintedAt,
    expiresAt: token.expiresAt,
  }));
  const earliest = Math.min(...tokens.map(({ expiresAt }) => expiresAt.getTime()));

  return {
    dockerConfig: new SecretText(JSON.stringify({ auths })),
    annotations: {
      [SECRET_ANNOTATIONS.expiresAt]: new Date(earliest).toISOString(),
      [SECRET_ANNOTATIONS.registries]: hosts.join(','),
      [SECRET_ANNOTATIONS.tokens]: renderTokenRecords(tokens),
      [SECRET_ANNOTATIONS.configHash]: about.configHash,
      ...(about.refreshRequestedAt === undefined
        ? {}
        : { [SECRET_ANNOTATIONS.refreshRequestedAt]: about.refreshRequestedAt }),
    },
  };
}

function hostsOf(hosts: Grant['hosts'], token: RegistryToken): readonly string[] {
  return hosts === 'own' ? [token.ownRegistry] : hosts;
}

/** Renders the content of our Secret: the dockerconfigjson and the annotations that describe it. */
import { SECRET_ANNOTATIONS } from '../contract.ts';
import type { RegistryToken } from '../token/registry-token.ts';
import { SecretText } from '../secret-text.ts';
import type { RegistryLogin } from '../settings.ts';
import { type TokenRecord, renderTokenRecords } from './token-record.ts';

/** The whole content of our Secret. */
export interface PullSecretContent {
  readonly dockerConfig: SecretText;
  /** Every annotation that describes the data, by full key. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** One entry of the Secret: its record, and the `auth` of its registries. */
export interface Entry extends TokenRecord {
  readonly authorization: SecretText;
}

/** The entry that gives this profile the token. */
export function entryOf(
  profile: string,
  hosts: RegistryLogin['hosts'],
  token: RegistryToken,
): Entry {
  const { identity, mintedAt, expiresAt, authorization, ownRegistry } = token;
  const registries = hosts === 'own' ? [ownRegistry] : hosts;
  return { profile, identity: identity.hash, mintedAt, expiresAt, registries, authorization };
}

/** Equal input gives equal bytes, so that writing it again changes nothing on the server. */
export function renderPullSecret(
  entries: readonly Entry[],
  about: { readonly configHash: string; readonly refreshRequestedAt: string | undefined },
): PullSecretContent {
  const authByHost = new Map(
    entries.flatMap(({ registries, authorization }) =>
      registries.map((host) => [host, authorization] as const),
    ),
  );
  const hosts = [...authByHost.keys()].sort();
  const auths = Object.fromEntries(
    hosts.map((host) => [host, { auth: authByHost.get(host)?.reveal() }]),
  );
  const earliest = Math.min(...entries.map(({ expiresAt }) => expiresAt.getTime()));

  return {
    dockerConfig: new SecretText(JSON.stringify({ auths })),
    annotations: {
      [SECRET_ANNOTATIONS.expiresAt]: new Date(earliest).toISOString(),
      [SECRET_ANNOTATIONS.registries]: hosts.join(','),
      [SECRET_ANNOTATIONS.tokens]: renderTokenRecords(entries),
      [SECRET_ANNOTATIONS.configHash]: about.configHash,
      ...(about.refreshRequestedAt === undefined
        ? {}
        : { [SECRET_ANNOTATIONS.refreshRequestedAt]: about.refreshRequestedAt }),
    },
  };
}

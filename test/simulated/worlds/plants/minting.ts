/** Programs that call AWS too often, or believe what it has not said. */
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { TokenMinter } from '../../../../src/controller/ports/token-minter.ts';
import { ControllerError, StalledError } from '../../../../src/domain/errors.ts';
import type { Identity } from '../../../../src/domain/identity.ts';
import type { PullSecretContent } from '../../../../src/domain/state/pull-secret.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import type { PlantedBugs } from './plant.ts';
import { type Item, authsOf, isOld, itemsOf, rendered, rewriting } from './rewriting.ts';

export const MINTING_BUGS: PlantedBugs = {
  'writes after a failed mint as if it had succeeded': {
    breaks: 'I2',
    seed: 3,
    plant: (parts) => ({ ...parts, minter: emptyHanded(parts) }),
  },
  'writes a new token into an entry that must only be carried over': {
    breaks: 'I5',
    seed: 2,
    plant: renewing,
  },
  'mints for all identities when one of them fails': {
    breaks: 'I8',
    seed: 49,
    plant: (parts) => ({ ...parts, minter: restless(parts) }),
  },
  'takes every failed mint for one that needs a person': {
    breaks: 'I8 back-off',
    seed: 199,
    plant: (parts) => ({ ...parts, minter: despairing(parts.minter) }),
  },
  'mints again on every call': {
    breaks: 'I8',
    plant: (parts) => ({ ...parts, minter: impatient(parts.minter) }),
  },
};

function emptyHanded({ minter, clock }: ControllerDependencies): TokenMinter {
  return {
    mint: (identity, signal) =>
      minter.mint(identity, signal).catch(() => ({
        identity,
        authorization: new SecretText(''),
        mintedAt: clock.now(),
        expiresAt: new Date(clock.now().getTime() + 3_600_000),
        expiryTrusted: true,
        ownRegistry: `123456789012.dkr.ecr.${identity.region}.amazonaws.com`,
      })),
  };
}

/** Every profile in the Secret gets its next token, allowed or not. */
function renewing(parts: ControllerDependencies): ControllerDependencies {
  const minter = remembering(parts.minter);
  const renew = async (
    content: PullSecretContent,
    old: readonly string[],
  ): Promise<PullSecretContent> => {
    const auths = { ...authsOf(content) };
    const items: Item[] = [];
    for (const item of itemsOf(content)) {
      const token = isOld(item, old) ? await newest(item.identity) : undefined;
      const isNewer = token?.expiryTrusted === true && token.mintedAt.toISOString() > item.mintedAt;
      items.push(isNewer ? { ...item, ...datesOf(token) } : item);
      if (!isNewer) continue;
      for (const host of item.registries) auths[host] = { auth: token.authorization.reveal() };
    }
    return { ...content, ...rendered(content, items, auths) };
  };
  /** The token of the last minute, or a new one. */
  const newest = async (hash: string): Promise<RegistryToken | undefined> => {
    const known = minter.latest(hash);
    const identity = identityIn(parts, hash);
    const isRecent = (known?.mintedAt.getTime() ?? 0) > parts.clock.now().getTime() - 60_000;
    if (isRecent || identity === undefined) return known;
    return minter.mint(identity, new AbortController().signal).catch(() => known);
  };
  return { ...parts, minter, pullSecrets: rewriting(parts.pullSecrets, renew) };
}

function datesOf({ mintedAt, expiresAt }: RegistryToken): Pick<Item, 'mintedAt' | 'expiresAt'> {
  return { mintedAt: mintedAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

function identityIn({ settings }: ControllerDependencies, hash: string): Identity | undefined {
  return [...settings().profiles.values()]
    .flatMap((state) => (state.kind === 'healthy' ? state.profile.logins : []))
    .find(({ identity }) => identity.hash === hash)?.identity;
}

interface RememberingMinter extends TokenMinter {
  latest(hash: string): RegistryToken | undefined;
  readonly identities: readonly Identity[];
}

function remembering(minter: TokenMinter): RememberingMinter {
  const tokens = new Map<string, RegistryToken>();
  return {
    mint: async (identity, signal) => {
      const token = await minter.mint(identity, signal);
      tokens.set(identity.hash, token);
      return token;
    },
    latest: (hash) => tokens.get(hash),
    get identities() {
      return [...tokens.values()].map(({ identity }) => identity);
    },
  };
}

/** Mints for every identity from the start, with a decent interval since the last time. */
function restless({ minter, clock }: ControllerDependencies): TokenMinter {
  const known = remembering(minter);
  const busy = new Map<string, number>();
  return {
    mint: async (identity, signal) => {
      const mint = async (one: Identity): Promise<RegistryToken> => {
        busy.set(one.hash, Infinity);
        try {
          return await known.mint(one, signal);
        } finally {
          busy.set(one.hash, clock.monotonicMs());
        }
      };
      try {
        return await mint(identity);
      } catch (error) {
        const others = known.identities.filter(
          ({ hash }) => (busy.get(hash) ?? 0) < clock.monotonicMs() - 11_000,
        );
        await Promise.allSettled(others.map(mint));
        throw error;
      }
    },
  };
}

/** Whoever waits has to wait for a minute. */
function despairing(minter: TokenMinter): TokenMinter {
  return {
    mint: async (identity, signal) => {
      try {
        return await minter.mint(identity, signal);
      } catch (cause) {
        if (!(cause instanceof ControllerError)) throw cause;
        const { message, code, eventReason } = cause;
        throw new StalledError(message, { code, eventReason });
      }
    },
  };
}

/** As if without single flight. */
function impatient(minter: TokenMinter): TokenMinter {
  return {
    mint: async (identity, signal) => {
      const [first] = await Promise.all([
        minter.mint(identity, signal),
        minter.mint(identity, signal),
      ]);
      return first;
    },
  };
}

/** Faults of the program that the simulation has to find: each is put in at a seam between the engine and its parts. */
import type { EngineParts } from '../../src/controller/engine.ts';
import type { ClusterView, PullSecrets, TokenMinter } from '../../src/controller/ports.ts';
import type { Identity } from '../../src/domain/identity.ts';
import type { ObservedNamespace } from '../../src/domain/observed.ts';
import type { PullSecretContent } from '../../src/domain/pull-secret.ts';
import type { RegistryToken } from '../../src/domain/registry-token.ts';
import { SecretText } from '../../src/domain/secret-text.ts';

export type Plant = (parts: EngineParts) => EngineParts;

/** By what the program does wrong. */
export const PLANTED_BUGS: Readonly<Record<string, Plant>> = {
  'attaches only once there is a token': (parts) => ({
    ...parts,
    serviceAccounts: {
      ...bound(parts.serviceAccounts, 'detach'),
      attach: async (account, signal) => {
        while (parts.cluster.observe(account.namespace)?.pullSecret === undefined) {
          await new Promise<void>((resolve) => {
            parts.clock.after(1_000, resolve);
          });
        }
        await parts.serviceAccounts.attach(account, signal);
      },
    },
  }),
  'writes what a failed mint has left': (parts) => ({ ...parts, minter: emptyHanded(parts) }),
  'takes foreign Secrets over by force': (parts) => ({
    ...parts,
    cluster: seenThrough(parts.cluster, ({ pullSecret, ...namespace }) => ({
      ...namespace,
      pullSecret:
        pullSecret === undefined
          ? undefined
          : { ...pullSecret, labelledOurs: true, appliedByUs: true },
    })),
  }),
  'writes a token again that it had before': (parts) => ({
    ...parts,
    pullSecrets: writingEarlierContent(parts.pullSecrets),
  }),
  'writes late and without the version': (parts) => ({
    ...parts,
    pullSecrets: writingLate(parts),
  }),
  'loses every seventh wake-up': (parts) => {
    let count = 0;
    const { changes } = parts;
    return {
      ...parts,
      changes: {
        untilSynced: () => changes.untilSynced(),
        listen: (notice) =>
          changes.listen((change) => {
            count += 1;
            if (count % 7 !== 0) notice(change);
          }),
      },
    };
  },
  'removes on the word of a cache': (parts) => ({
    ...parts,
    namespaces: { confirmUnchanged: () => Promise.resolve() },
  }),
  'drops the entries of others': (parts) => ({
    ...parts,
    serviceAccounts: {
      ...bound(parts.serviceAccounts, 'detach'),
      attach: (account, signal) =>
        parts.serviceAccounts.attach({ ...account, imagePullSecrets: [] }, signal),
    },
  }),
  'drops the entry for which no token can be had': (parts) => ({
    ...parts,
    pullSecrets: rewriting(parts.pullSecrets, (content, old) => without(content, old)),
  }),
  'gives what is only carried a new token': (parts) => renewing(parts),
  'mints for all whenever it fails for one': (parts) => ({ ...parts, minter: restless(parts) }),
  'reads the content back before every write': (parts) => ({
    ...parts,
    pullSecrets: {
      ...besides(parts.pullSecrets),
      write: async (namespace, content, existing, signal) => {
        if (existing !== undefined) await parts.pullSecrets.readBack(existing, signal);
        await parts.pullSecrets.write(namespace, content, existing, signal);
      },
    },
  }),
  'mints anew each time it is asked': (parts) => ({ ...parts, minter: impatient(parts.minter) }),
  'tells people the token': (parts) => ({
    ...parts,
    pullSecrets: {
      ...besides(parts.pullSecrets),
      write: async (namespace, content, existing, signal) => {
        const text = content.dockerConfig.reveal();
        parts.log.info({ namespace, text }, 'writing pull secret');
        await parts.pullSecrets.write(namespace, content, existing, signal);
      },
    },
  }),
};

function emptyHanded({ minter, clock }: EngineParts): TokenMinter {
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

function seenThrough(
  cluster: ClusterView,
  see: (namespace: ObservedNamespace) => ObservedNamespace,
): ClusterView {
  return {
    observe: (name) => {
      const observed = cluster.observe(name);
      return observed === undefined ? undefined : see(observed);
    },
    namespaces: () => cluster.namespaces(),
    pullSecrets: () => cluster.pullSecrets(),
  };
}

/** Each third write of a namespace is that of the time before. */
function writingEarlierContent(real: PullSecrets): PullSecrets {
  const writes = new Map<string, { count: number; content: PullSecretContent }>();
  return {
    ...besides(real),
    write: (namespace, content, existing, signal) => {
      const last = writes.get(namespace);
      const count = (last?.count ?? 0) + 1;
      const isEarlier = last !== undefined && count % 3 === 0;
      writes.set(namespace, { count, content: isEarlier ? last.content : content });
      return real.write(namespace, isEarlier ? last.content : content, existing, signal);
    },
  };
}

/** As one does who was held up between the decision and the write, and takes whatever stands there then for the same. */
function writingLate({ pullSecrets, cluster, clock }: EngineParts): PullSecrets {
  let count = 0;
  return {
    ...besides(pullSecrets),
    write: async (namespace, content, existing, signal) => {
      count += 1;
      if (count % 3 !== 0) return pullSecrets.write(namespace, content, existing, signal);
      await new Promise<void>((resolve) => {
        clock.after(60_000, resolve);
      });
      const latest = cluster.observe(namespace)?.pullSecret;
      return pullSecrets.write(namespace, content, latest, signal);
    },
  };
}

interface Item {
  readonly profile: string;
  readonly identity: string;
  readonly registries: readonly string[];
  readonly mintedAt: string;
  readonly expiresAt: string;
}

const TOKENS = 'ecr-pull-secrets.io/tokens';

/** Each write of another content than the program meant; `old`: what stands there already. */
function rewriting(
  real: PullSecrets,
  change: (
    content: PullSecretContent,
    old: readonly string[],
  ) => PullSecretContent | Promise<PullSecretContent>,
): PullSecrets {
  return {
    ...besides(real),
    write: async (namespace, content, existing, signal) => {
      const old = (existing?.tokens ?? []).map(
        ({ profile, identity, mintedAt }) => `${profile} ${identity} ${mintedAt.toISOString()}`,
      );
      await real.write(namespace, await change(content, old), existing, signal);
    },
  };
}

function isOld({ profile, identity, mintedAt }: Item, old: readonly string[]): boolean {
  return old.includes(`${profile} ${identity} ${mintedAt}`);
}

/** Takes out what is not new, where something new is left. */
function without(content: PullSecretContent, old: readonly string[]): PullSecretContent {
  const items = itemsOf(content);
  const fresh = items.filter((item) => !isOld(item, old));
  if (fresh.length === 0 || fresh.length === items.length) return content;
  const hosts = new Set(fresh.flatMap(({ registries }) => registries));
  const auths = Object.entries(authsOf(content)).filter(([host]) => hosts.has(host));
  return { ...content, ...rendered(content, fresh, Object.fromEntries(auths)) };
}

/** Whoever still has a profile in its Secret gets the next token of it, allowed or not. */
function renewing(parts: EngineParts): EngineParts {
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
  /** The one of the last minute, or one more. */
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

function identityIn({ settings }: EngineParts, hash: string): Identity | undefined {
  return [...settings().profiles.values()]
    .flatMap((state) => (state.kind === 'healthy' ? state.profile.grants : []))
    .find(({ identity }) => identity.hash === hash)?.identity;
}

function itemsOf({ annotations }: PullSecretContent): readonly Item[] {
  return JSON.parse(annotations[TOKENS] ?? '[]') as readonly Item[];
}

type Auths = Readonly<Record<string, { readonly auth: string }>>;

function authsOf({ dockerConfig }: PullSecretContent): Auths {
  return (JSON.parse(dockerConfig.reveal()) as { readonly auths: Auths }).auths;
}

function rendered(
  { annotations }: PullSecretContent,
  items: readonly Item[],
  auths: Auths,
): PullSecretContent {
  return {
    dockerConfig: new SecretText(JSON.stringify({ auths })),
    annotations: { ...annotations, [TOKENS]: JSON.stringify(items) },
  };
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

/** Begins with every identity from the start, at a decent distance from the last time. */
function restless({ minter, clock }: EngineParts): TokenMinter {
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

/** As one without single flight. */
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

/** Whatever else it can do. */
function besides(real: PullSecrets): Omit<PullSecrets, 'write'> {
  return bound(real, 'readBack', 'annotate', 'delete');
}

/** Those methods of an object with private fields, to be used beside others. */
function bound<T extends object, K extends keyof T>(object: T, ...names: readonly K[]): Pick<T, K> {
  const methods = names.map((name) => {
    const method = object[name];
    return [name, typeof method === 'function' ? method.bind(object) : method];
  });
  return Object.fromEntries(methods) as Pick<T, K>;
}

/** Faults of the program that the simulation has to find: each is put in at a seam between the engine and its parts. */
import type { EngineParts } from '../../src/controller/engine.ts';
import type { ClusterView, PullSecrets, TokenMinter } from '../../src/controller/ports.ts';
import type { ObservedNamespace } from '../../src/domain/observed.ts';
import type { PullSecretContent } from '../../src/domain/pull-secret.ts';
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
  'mints anew each time it is asked': (parts) => ({ ...parts, minter: impatient(parts.minter) }),
  'tells people the token': (parts) => ({
    ...parts,
    pullSecrets: {
      ...bound(parts.pullSecrets, 'annotate', 'delete', 'readBack'),
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
    ...bound(real, 'annotate', 'delete', 'readBack'),
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
    ...bound(pullSecrets, 'annotate', 'delete', 'readBack'),
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

/** Those methods of an object with private fields, to be used beside others. */
function bound<T extends object, K extends keyof T>(object: T, ...names: readonly K[]): Pick<T, K> {
  const methods = names.map((name) => {
    const method = object[name];
    return [name, typeof method === 'function' ? method.bind(object) : method];
  });
  return Object.fromEntries(methods) as Pick<T, K>;
}

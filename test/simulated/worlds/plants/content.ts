/** Programs that write other content into the Secret than they should, or tell it. */
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { PullSecrets } from '../../../../src/controller/ports/cluster-writes.ts';
import type { PullSecretContent } from '../../../../src/domain/state/pull-secret.ts';
import { besides, type PlantedBugs, waiting } from './plant.ts';
import { authsOf, isOld, itemsOf, rendered, rewriting } from './rewriting.ts';

export const CONTENT_BUGS: PlantedBugs = {
  'writes a token again that it had before': {
    breaks: 'I2',
    seed: 19,
    plant: (parts) => ({
      ...parts,
      pullSecrets: writingEarlierContent(parts.pullSecrets),
    }),
  },
  'writes late and without the version': {
    breaks: 'I2',
    seed: 19,
    plant: (parts) => ({
      ...parts,
      pullSecrets: writingLate(parts),
    }),
  },
  'drops the entry for which no token can be had': {
    breaks: 'I2',
    seed: 4,
    plant: (parts) => ({
      ...parts,
      pullSecrets: rewriting(parts.pullSecrets, (content, old) => without(content, old)),
    }),
  },
  'reads the content back before every write': {
    breaks: 'I8',
    seed: 7,
    plant: (parts) => ({
      ...parts,
      pullSecrets: {
        ...besides(parts.pullSecrets),
        write: async (namespace, content, existing, attempt) => {
          if (existing !== undefined) await parts.pullSecrets.readBack(existing, attempt.signal);
          await parts.pullSecrets.write(namespace, content, existing, attempt);
        },
      },
    }),
  },
  'tells people the token': {
    breaks: 'I1',
    plant: (parts) => ({
      ...parts,
      pullSecrets: {
        ...besides(parts.pullSecrets),
        write: async (namespace, content, existing, attempt) => {
          const text = content.dockerConfig.reveal();
          parts.log.info({ namespace, text }, 'writing pull secret');
          await parts.pullSecrets.write(namespace, content, existing, attempt);
        },
      },
    }),
  },
};

/** Each third write of a namespace is that of the time before. */
function writingEarlierContent(real: PullSecrets): PullSecrets {
  const writes = new Map<string, { count: number; content: PullSecretContent }>();
  return {
    ...besides(real),
    write: (namespace, content, existing, attempt) => {
      const last = writes.get(namespace);
      const count = (last?.count ?? 0) + 1;
      const isEarlier = last !== undefined && count % 3 === 0;
      writes.set(namespace, { count, content: isEarlier ? last.content : content });
      return real.write(namespace, isEarlier ? last.content : content, existing, attempt);
    },
  };
}

/** As one does who was held up between the decision and the write, and takes whatever stands there then for the same. */
function writingLate({ pullSecrets, cluster, clock }: ControllerDependencies): PullSecrets {
  return waiting(pullSecrets, clock, (namespace, content, _, { signal }) => {
    const latest = cluster.observe(namespace)?.pullSecret;
    return pullSecrets.write(namespace, content, latest, { signal });
  });
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

/** Programs that write the wrong content into the Secret, or reveal it. */
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { PullSecrets } from '../../../../src/controller/ports/cluster-writes.ts';
import type { PullSecretContent } from '../../../../src/domain/state/pull-secret.ts';
import { besides, type PlantedBugs, waiting } from './plant.ts';
import { authsOf, isOld, itemsOf, rendered, rewriting } from './rewriting.ts';

export const CONTENT_BUGS: PlantedBugs = {
  'writes an old token again': {
    breaks: 'I2',
    seed: 84,
    plant: (parts) => ({
      ...parts,
      pullSecrets: writingEarlierContent(parts.pullSecrets),
    }),
  },
  'writes late and without a resourceVersion': {
    breaks: 'I2',
    seed: 19,
    plant: (parts) => ({
      ...parts,
      pullSecrets: writingLate(parts),
    }),
  },
  'drops an entry when it can get no token for it': {
    breaks: 'I2',
    seed: 4,
    plant: (parts) => ({
      ...parts,
      pullSecrets: rewriting(parts.pullSecrets, (content, old) => without(content, old)),
    }),
  },
  'reads the content before every write': {
    breaks: 'I8',
    seed: 7,
    plant: (parts) => ({
      ...parts,
      pullSecrets: {
        ...besides(parts.pullSecrets),
        write: async (namespace, content, existing, attempt) => {
          if (existing !== undefined) await parts.pullSecrets.readBack(existing, attempt);
          await parts.pullSecrets.write(namespace, content, existing, attempt);
        },
      },
    }),
  },
  'logs the token': {
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

/** Every third write of a namespace repeats the one before. */
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

/** As if held up between the decision and the write, without noticing what has changed in between. */
function writingLate({ pullSecrets, cluster, clock }: ControllerDependencies): PullSecrets {
  return waiting(pullSecrets, clock, (namespace, content, _, { signal }) => {
    const latest = cluster.observe(namespace)?.pullSecret;
    return pullSecrets.write(namespace, content, latest, { signal });
  });
}

/** Removes what is not new, if something new is left. */
function without(content: PullSecretContent, old: readonly string[]): PullSecretContent {
  const items = itemsOf(content);
  const fresh = items.filter((item) => !isOld(item, old));
  if (fresh.length === 0 || fresh.length === items.length) return content;
  const hosts = new Set(fresh.flatMap(({ registries }) => registries));
  const auths = Object.entries(authsOf(content)).filter(([host]) => hosts.has(host));
  return { ...content, ...rendered(content, fresh, Object.fromEntries(auths)) };
}

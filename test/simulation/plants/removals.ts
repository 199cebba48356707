/** Programs that remove too much, too soon or what was to stay, or do not remove at all. */
import type { ObservedNamespace } from '../../../src/domain/observed.ts';
import type { ProfileState, RemovalSettings } from '../../../src/domain/settings.ts';
import { EPOCH_MS } from '../process-clock.ts';
import { type Plant, type PlantedBugs, judgingBy, seenThrough } from './plant.ts';

const LONG_AGO = new Date(EPOCH_MS).toISOString();

export const REMOVAL_BUGS: PlantedBugs = {
  'removes on the word of a cache': {
    breaks: 'I9',
    plant: (parts) => ({ ...parts, namespaces: { confirmUnchanged: () => Promise.resolve() } }),
  },
  'gives no time of grace': {
    breaks: 'I3 grace',
    plant: removingBy({ gracePeriodMs: 0 }),
  },
  'removes before the time of grace is over': {
    breaks: 'I3 grace',
    plant: (parts) => ({ ...parts, cluster: seenThrough(parts.cluster, overdue) }),
  },
  'takes a profile that is gone for one that is denied': {
    breaks: 'I9 stamp for a reason',
    plant: judgingBy((settings) => ({
      ...settings,
      profiles: new DeniedIfAbsent(settings.profiles),
    })),
  },
};

function removingBy(change: Partial<RemovalSettings>): Plant {
  return judgingBy((settings) => ({ ...settings, removal: { ...settings.removal, ...change } }));
}

/** What bears a stamp is seen with one of long ago. */
function overdue(namespace: ObservedNamespace): ObservedNamespace {
  const { pullSecret } = namespace;
  if (pullSecret?.removalDueAt === undefined) return namespace;
  const times = pullSecret.removalDueAt
    .split(',')
    .map((item) => [...item.split('=').slice(0, -1), LONG_AGO].join('='));
  return { ...namespace, pullSecret: { ...pullSecret, removalDueAt: times.join(',') } };
}

class DeniedIfAbsent extends Map<string, ProfileState> {
  override get(name: string): ProfileState {
    return super.get(name) ?? { kind: 'healthy', profile: forNobody(name) };
  }
}

function forNobody(name: string) {
  const nobody = { names: ['nobody'], matchLabels: {}, matchExpressions: [] };
  return { name, allowedNamespaces: nobody, grants: [], asWritten: {} };
}

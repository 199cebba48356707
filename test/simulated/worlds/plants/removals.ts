/** Programs that remove too much, too early or what had to stay, or that don't remove at all. */
import type { ControllerDependencies } from '../../../../src/controller/controller.ts';
import type { ObservedNamespace } from '../../../../src/domain/state/observed.ts';
import type { ProfileState, RemovalSettings } from '../../../../src/domain/settings.ts';
import { HOUR_MS } from '../../../support/values/builders.ts';
import { EPOCH_MS } from '../../../../simulator/ground/virtual-clock.ts';
import { besides, type Plant, type PlantedBugs, judgingBy, seenThrough } from './plant.ts';

const LONG_AGO = new Date(EPOCH_MS).toISOString();

export const REMOVAL_BUGS: PlantedBugs = {
  'removes without a live read': {
    breaks: 'I9',
    seed: 7,
    plant: (parts) => ({
      ...parts,
      namespaces: {
        read: (...call) => parts.namespaces.read(...call),
        confirmUnchanged: () => Promise.resolve(),
      },
    }),
  },
  'gives no grace period': {
    breaks: 'I3 grace',
    seed: 2,
    plant: removingBy({ gracePeriodMs: 0 }),
  },
  'removes before the grace period is over': {
    breaks: 'I3 grace',
    seed: 2,
    plant: (parts) => ({ ...parts, cluster: seenThrough(parts.cluster, overdue) }),
  },
  'goes by the stamp alone, which anybody may remove': {
    breaks: 'I5 no more time',
    seed: 29,
    plant: (parts) => ({
      ...parts,
      cluster: seenThrough(parts.cluster, (namespace) => {
        const uid = `${namespace.uid} ${Math.floor(parts.clock.now().getTime() / 20_000)}`;
        return { ...namespace, uid };
      }),
      namespaces: {
        read: (...call) => parts.namespaces.read(...call),
        confirmUnchanged: (observed, signal) =>
          parts.namespaces.confirmUnchanged(
            { ...observed, uid: observed.uid.split(' ')[0] ?? '' },
            signal,
          ),
      },
    }),
  },
  'keeps renewing after an opt-out as before': {
    breaks: 'I5 renews only what ends too soon',
    seed: 25,
    plant: removingBy({ gracePeriodMs: 48 * HOUR_MS }),
  },
  'takes each dry run for accepted, so that six refused removals hold up all others': {
    breaks: 'I6 everything converges',
    seed: 21,
    plant: (parts) => ({
      ...parts,
      dryRuns: {
        pullSecrets: { ...besides(parts.dryRuns.pullSecrets), ...ACCEPTED },
        serviceAccounts: ACCEPTED,
      },
    }),
  },
  'asks for a removal by doing it': {
    breaks: 'I9 live read',
    seed: 13,
    plant: (parts) => ({ ...parts, dryRuns: parts }),
  },
  'ignores the brake': {
    breaks: 'I3 brake',
    seed: 5,
    plant: removingBy({ brake: { kind: 'count', count: Infinity } }),
  },
  'allows only five removals, whatever the share of all Secrets': {
    breaks: 'I6 everything converges',
    seed: 37,
    plant: judgingBy(({ removal, ...settings }) => ({
      ...settings,
      removal: removal.brake.kind === 'count' ? removal : { ...removal, brake: FIVE },
    })),
  },
  'drops an only entry when its profile disappears': {
    breaks: 'I9 an only entry stays',
    seed: 34,
    plant: (parts) => ({ ...parts, cluster: seenThrough(parts.cluster, deletingIn(parts)) }),
  },
  'treats a missing profile as a denied one': {
    breaks: 'I9 stamp for a reason',
    seed: 1,
    plant: judgingBy((settings) => ({
      ...settings,
      profiles: new DeniedIfAbsent(settings.profiles),
    })),
  },
};

const done = (): Promise<void> => Promise.resolve();
const ACCEPTED = { write: done, delete: done, attach: done, detach: done };

const FIVE = { kind: 'count', count: 5 } as const;

/** Deletes in passing what nobody can refresh any more. */
function deletingIn({ settings, pullSecrets }: ControllerDependencies) {
  return (namespace: ObservedNamespace): ObservedNamespace => {
    const { pullSecret } = namespace;
    const tokens = pullSecret?.tokens ?? [];
    const isGone =
      tokens.length > 0 && tokens.every((one) => !settings().profiles.has(one.profile));
    if (pullSecret?.appliedByUs === true && isGone) {
      pullSecrets
        .delete(pullSecret, { signal: new AbortController().signal })
        .catch(() => undefined);
    }
    return namespace;
  };
}

function removingBy(change: Partial<RemovalSettings>): Plant {
  return judgingBy((settings) => ({ ...settings, removal: { ...settings.removal, ...change } }));
}

/** Shows a stamp as one from long ago. */
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
  return { name, allowedNamespaces: nobody, logins: [], asWritten: {} };
}

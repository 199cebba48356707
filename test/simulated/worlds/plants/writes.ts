/** Programs that write at the wrong time, or over what belongs to others. */
import type {
  ObservedNamespace,
  CachedServiceAccount,
} from '../../../../src/domain/state/observed.ts';
import { bound, type PlantedBugs, seenThrough } from './plant.ts';

export const WRITE_BUGS: PlantedBugs = {
  'attaches only once it has a token': {
    breaks: 'I6',
    seed: 2,
    plant: (parts) => ({
      ...parts,
      serviceAccounts: {
        ...bound(parts.serviceAccounts, 'detach'),
        attach: async (account, attempt) => {
          while (parts.cluster.observe(account.namespace)?.pullSecret === undefined) {
            await new Promise<void>((resolve) => {
              parts.clock.after(1_000, resolve);
            });
          }
          await parts.serviceAccounts.attach(account, attempt);
        },
      },
    }),
  },
  'takes over foreign Secrets by force': {
    breaks: 'I3',
    seed: 3,
    plant: (parts) => ({
      ...parts,
      cluster: seenThrough(parts.cluster, ({ pullSecret, ...namespace }) => ({
        ...namespace,
        pullSecret:
          pullSecret === undefined
            ? undefined
            : { ...pullSecret, labelledOurs: true, appliedByUs: true },
      })),
    }),
  },
  'takes labels for proof in a namespace that is not opted in': {
    breaks: 'I3 nobody’s Secrets stay',
    seed: 24,
    plant: (parts) => ({
      ...parts,
      cluster: seenThrough(parts.cluster, ({ pullSecret, ...namespace }) => ({
        ...namespace,
        pullSecret:
          pullSecret?.labelledOurs === true ? { ...pullSecret, appliedByUs: true } : pullSecret,
      })),
    }),
  },
  'forgets what it has just repaired': {
    breaks: 'contract damping',
    seed: 8,
    plant: (parts) => {
      let passes = 0;
      const asStrangers = ({
        serviceAccounts,
        ...namespace
      }: ObservedNamespace): ObservedNamespace => {
        passes += 1;
        const strangers = serviceAccounts.map((one) => ({ ...one, uid: `${one.uid} ${passes}` }));
        return { ...namespace, serviceAccounts: strangers };
      };
      const known = ({ uid, ...account }: CachedServiceAccount): CachedServiceAccount => ({
        ...account,
        uid: uid.split(' ')[0] ?? '',
      });
      const { serviceAccounts, cluster } = parts;
      return {
        ...parts,
        cluster: seenThrough(cluster, asStrangers),
        serviceAccounts: {
          attach: (account, { signal }) => serviceAccounts.attach(known(account), { signal }),
          detach: (account, { signal }) => serviceAccounts.detach(known(account), { signal }),
        },
      };
    },
  },
  'detaches what it planned, even if the namespace has opted in since': {
    breaks: 'I9 detach for a reason',
    seed: 21,
    plant: ({ serviceAccounts, clock, ...parts }) => {
      let count = 0;
      return {
        ...parts,
        clock,
        serviceAccounts: {
          ...bound(serviceAccounts, 'attach'),
          detach: async (account, { signal }) => {
            count += 1;
            if (count % 3 === 0) {
              await new Promise<void>((resolve) => {
                clock.after(60_000, resolve);
              });
            }
            await serviceAccounts.detach(account, { signal });
          },
        },
      };
    },
  },
  'drops the references of others': {
    breaks: 'I4',
    seed: 3,
    plant: (parts) => ({
      ...parts,
      serviceAccounts: {
        ...bound(parts.serviceAccounts, 'detach'),
        attach: (account, attempt) =>
          parts.serviceAccounts.attach({ ...account, imagePullSecrets: [] }, attempt),
      },
    }),
  },
};

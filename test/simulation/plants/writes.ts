/** Programs that write at the wrong time, or over what is not theirs. */
import { bound, type PlantedBugs, seenThrough } from './plant.ts';

export const WRITE_BUGS: PlantedBugs = {
  'attaches only once there is a token': {
    breaks: 'I6',
    plant: (parts) => ({
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
  },
  'takes foreign Secrets over by force': {
    breaks: 'I3',
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
  'drops the entries of others': {
    breaks: 'I4',
    plant: (parts) => ({
      ...parts,
      serviceAccounts: {
        ...bound(parts.serviceAccounts, 'detach'),
        attach: (account, signal) =>
          parts.serviceAccounts.attach({ ...account, imagePullSecrets: [] }, signal),
      },
    }),
  },
};

/** Faults of the program that would leave somebody without a Secret while it is renamed. */
import type { EngineParts } from '../../../src/controller/engine.ts';
import type { ObservedNamespace, ServiceAccountRecord } from '../../../src/domain/observed.ts';

type Plant = (parts: EngineParts) => EngineParts;

/** What the planner sees, changed. */
function seeing(change: (seen: ObservedNamespace, parts: EngineParts) => ObservedNamespace): Plant {
  return (parts) => {
    const { cluster } = parts;
    return {
      ...parts,
      cluster: {
        namespaces: () => cluster.namespaces(),
        pullSecrets: () => cluster.pullSecrets(),
        observe: (name) => {
          const seen = cluster.observe(name);
          return seen && change(seen, parts);
        },
      },
    };
  };
}

export const PLANTED_RENAME_BUGS: Readonly<Record<string, Plant>> = {
  'takes the new Secret for granted': seeing((seen, { instance }) => {
    const [previous] = seen.previousSecrets;
    if (previous === undefined || seen.pullSecret !== undefined) return seen;
    return { ...seen, pullSecret: { ...previous, name: instance.secretName } };
  }),
  'does not look who names the old Secret alone': (parts) => ({
    ...seeing((seen, { instance }) => ({
      ...seen,
      serviceAccounts: seen.serviceAccounts.map((account) =>
        withEntry(account, instance.secretName),
      ),
    }))(parts),
    serviceAccounts: {
      attach: (...call) => parts.serviceAccounts.attach(...call),
      detach: (account, name, signal) =>
        parts.serviceAccounts.detach(withoutLast(account), name, signal),
    },
  }),
  'attaches today’s name only': (parts) => ({
    ...parts,
    serviceAccounts: {
      attach: (account, names, signal) => {
        const todays = names.filter((name) => name === parts.instance.secretName);
        return parts.serviceAccounts.attach(account, todays, signal);
      },
      detach: (...call) => parts.serviceAccounts.detach(...call),
    },
  }),
  'detaches the entry of today’s name with the old one': (parts) => ({
    ...parts,
    serviceAccounts: {
      attach: (...call) => parts.serviceAccounts.attach(...call),
      detach: (account, _name, signal) =>
        parts.serviceAccounts.detach(account, parts.instance.secretName, signal),
    },
  }),
};

function withEntry(account: ServiceAccountRecord, name: string): ServiceAccountRecord {
  const others = account.imagePullSecrets.filter((entry) => entry.name !== name);
  return { ...account, imagePullSecrets: [...others, { name }] };
}

/** As it stood there before `withEntry`, where that had added it. */
function withoutLast(account: ServiceAccountRecord): ServiceAccountRecord {
  return { ...account, imagePullSecrets: account.imagePullSecrets.slice(0, -1) };
}

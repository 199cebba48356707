/** Every right that the controller needs at the API server: what manifests/install.yaml grants, no less and no more. */
import type { Instance } from '../domain/contract.ts';
import { leaseNameOf } from '../domain/contract.ts';

/** One verb on one resource. */
export interface NeededRight {
  readonly verb: string;
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** The only object that it is needed on; `undefined`: on all of them. */
  readonly objectName: string | undefined;
  /** `all` namespaces, by a ClusterRole, or the controller's `own`, by a Role. */
  readonly namespaces: 'all' | 'own';
  /** What goes wrong without it. */
  readonly without: string;
}

type Needs = Omit<NeededRight, 'verb' | 'without'> & {
  /** By verb: what goes wrong without. */
  readonly verbs: Readonly<Record<string, string>>;
};

const NOTHING_IS_SEEN = 'the caches stay empty, and the controller is never ready';
const NOTHING_IS_HEARD = 'changes are not heard of, and the controller is never ready';

/** In the order of the manifest. The rights on Secrets and on the Lease are by name, so they go by the instance. */
export function neededAccess({ name, secretName }: Instance): readonly NeededRight[] {
  const needs: readonly Needs[] = [
    {
      ...everywhere('namespaces'),
      verbs: {
        get: 'no Secret is removed: the namespace is read once more before',
        list: NOTHING_IS_SEEN,
        watch: NOTHING_IS_HEARD,
      },
    },
    {
      ...everywhere('serviceaccounts'),
      verbs: {
        get: 'an entry that others change at the same time is attached late',
        list: NOTHING_IS_SEEN,
        watch: NOTHING_IS_HEARD,
        patch: 'the reference is not attached: Pods pull without the Secret',
      },
    },
    {
      ...everywhere('secrets', secretName),
      verbs: {
        get: 'the entries of other profiles are lost where one profile fails after a restart',
        list: NOTHING_IS_SEEN,
        watch: NOTHING_IS_HEARD,
        create: 'new namespaces get no Secret',
        patch: 'no Secret is made or refreshed',
        delete: 'Secrets stay after an opt-out',
      },
    },
    {
      ...everywhere('events'),
      verbs: {
        create: 'nobody in the namespaces is told what is wrong',
        patch: 'an Event that repeats is not counted up',
      },
    },
    {
      group: 'coordination.k8s.io',
      resource: 'leases',
      objectName: leaseNameOf(name),
      namespaces: 'own',
      verbs: {
        get: 'no replica leads, and nobody writes',
        create: 'no replica leads, and nobody writes, until somebody makes the Lease',
        patch: 'no replica leads, and nobody writes',
      },
    },
  ];
  return needs.flatMap(({ verbs, ...on }) =>
    Object.entries(verbs).map(([verb, without]) => ({ verb, ...on, without })),
  );
}

function everywhere(resource: string, objectName?: string): Omit<Needs, 'verbs'> {
  return { group: '', resource, objectName, namespaces: 'all' };
}

/** Every right that the controller needs at the API server: what an installation grants, no less and no more. */
import type { Instance } from '../domain/contract.ts';
import { leaseNameOf } from '../domain/contract.ts';
import type { Scope } from '../domain/scope.ts';

/** One verb on one resource. */
export interface RequiredPermission {
  readonly verb: string;
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** The only object that it is needed on; `undefined`: on all of them, but of namespaces on those that are named. */
  readonly objectName: string | undefined;
  /** `all` namespaces, by a ClusterRole; the controller's `own`, or each of these, by a Role. */
  readonly namespaces: 'all' | 'own' | readonly string[];
  /** What goes wrong without it. */
  readonly without: string;
}

type Needs = Omit<RequiredPermission, 'verb' | 'without'> & {
  /** By verb: what goes wrong without. */
  readonly verbs: Readonly<Record<string, string>>;
};

const NOTHING_IS_SEEN = 'the caches stay empty, and the controller is never ready';
const NOTHING_IS_HEARD = 'changes are not heard of, and the controller is never ready';

const OF_ALL_NAMESPACES = {
  get: 'no Secret is removed: the namespace is read once more before',
  list: NOTHING_IS_SEEN,
  watch: NOTHING_IS_HEARD,
};
/** A Role can allow no list of them: each is read by its name. */
const OF_ONE_NAMESPACE = { get: NOTHING_IS_SEEN, watch: NOTHING_IS_HEARD };

const OF_SERVICE_ACCOUNTS = {
  get: 'an entry that others change at the same time is attached late',
  list: NOTHING_IS_SEEN,
  watch: NOTHING_IS_HEARD,
  patch: 'the reference is not attached: Pods pull without the Secret',
};
const OF_SECRETS = {
  get: 'the entries of other profiles are lost where one profile fails after a restart',
  list: NOTHING_IS_SEEN,
  watch: NOTHING_IS_HEARD,
  create: 'new namespaces get no Secret',
  patch: 'no Secret is made or refreshed',
  delete: 'Secrets stay after an opt-out',
};
const OF_EVENTS = {
  create: 'nobody in the namespaces is told what is wrong',
  patch: 'an Event that repeats is not counted up',
};
const OF_THE_LEASE = {
  get: 'no replica leads, and nobody writes',
  create: 'no replica leads, and nobody writes, until somebody makes the Lease',
  patch: 'no replica leads, and nobody writes',
};

function ownBinding(instanceName: string, namespaces: 'all' | readonly string[]): Needs {
  return {
    group: 'rbac.authorization.k8s.io',
    resource: namespaces === 'all' ? 'clusterrolebindings' : 'rolebindings',
    objectName: leaseNameOf(instanceName),
    namespaces,
    verbs: { get: 'doctor can not tell whether the instance is installed twice' },
  };
}

/** In the order of the manifest. The rights on Secrets and on the Lease are by name, so they go by the instance. */
export function requiredPermissions(
  instance: Instance,
  scope: Scope,
): readonly RequiredPermission[] {
  const { name, secretName } = instance;
  const namespaces = scope.kind === 'cluster' ? 'all' : scope.names;
  const inScope = (resource: string, objectName?: string): Omit<Needs, 'verbs'> => {
    return { group: '', resource, objectName, namespaces };
  };
  const needs: readonly Needs[] = [
    {
      ...inScope('namespaces'),
      verbs: scope.kind === 'cluster' ? OF_ALL_NAMESPACES : OF_ONE_NAMESPACE,
    },
    {
      ...inScope('serviceaccounts'),
      verbs: OF_SERVICE_ACCOUNTS,
    },
    {
      ...inScope('secrets', secretName),
      verbs: OF_SECRETS,
    },
    {
      ...inScope('events'),
      verbs: OF_EVENTS,
    },
    ownBinding(name, namespaces),
    {
      group: 'coordination.k8s.io',
      resource: 'leases',
      objectName: leaseNameOf(name),
      namespaces: 'own',
      verbs: OF_THE_LEASE,
    },
  ];
  return needs.flatMap(({ verbs, ...on }) =>
    Object.entries(verbs).map(([verb, without]) => ({ verb, ...on, without })),
  );
}

/** Every permission that the controller needs at the API server: exactly what an installation grants. */
import type { Instance } from '../domain/contract.ts';
import { leaseNameOf } from '../domain/contract.ts';
import type { Scope } from '../domain/scope.ts';

/** One verb on one resource. */
export interface RequiredPermission {
  readonly verb: string;
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** The only object that it is needed on; `undefined`: all objects, except that a Role names its own namespace. */
  readonly objectName: string | undefined;
  /** `all` namespaces, by a ClusterRole; the controller's `own`, by a Role; or each of the listed ones, by a Role. */
  readonly namespaces: 'all' | 'own' | readonly string[];
  /** What goes wrong if it is missing. */
  readonly without: string;
}

type Needs = Omit<RequiredPermission, 'verb' | 'without'> & {
  /** By verb: what goes wrong if it is missing. */
  readonly verbs: Readonly<Record<string, string>>;
};

const NO_LIST = 'the controller finds no objects and never becomes ready';
const NO_WATCH = 'the controller sees no changes and never becomes ready';

const OF_ALL_NAMESPACES = {
  get: 'no Secret is removed, because its namespace must be re-read before that',
  list: NO_LIST,
  watch: NO_WATCH,
};
/** A Role can't allow a list of namespaces: each is read by name. */
const OF_ONE_NAMESPACE = { get: NO_LIST, watch: NO_WATCH };

const OF_SERVICE_ACCOUNTS = {
  get: 'the reference is attached late if somebody else changes the ServiceAccount at the same time',
  list: NO_LIST,
  watch: NO_WATCH,
  patch: 'no reference is attached, so Pods pull without the Secret',
};
const OF_SECRETS = {
  get: 'nothing in a Secret is refreshed if, after a restart, one of its profiles has no token',
  list: NO_LIST,
  watch: NO_WATCH,
  create: 'new namespaces get no Secret',
  patch: 'no Secret is created or refreshed',
  delete: 'Secrets stay after an opt-out',
};
const OF_EVENTS = {
  create: 'no Events are emitted, so the users of a namespace do not learn what is wrong',
  patch: 'repeated Events are not counted',
};
const OF_THE_LEASE = {
  get: 'no replica leads, and nobody writes',
  create: 'no replica leads, and nobody writes, until somebody creates the Lease',
  patch: 'no replica leads, and nobody writes',
};

function ownBinding(instanceName: string, namespaces: 'all' | readonly string[]): Needs {
  return {
    group: 'rbac.authorization.k8s.io',
    resource: namespaces === 'all' ? 'clusterrolebindings' : 'rolebindings',
    objectName: leaseNameOf(instanceName),
    namespaces,
    verbs: { get: 'doctor cannot check whether the instance is installed twice' },
  };
}

/** In the order of the manifest. Those on Secrets and on the Lease name an object, so they depend on the instance. */
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

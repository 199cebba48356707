/** The real transport over the simulator without a rate limit, and objects as the caches would keep them. */
import { ApiTransport } from '../../../src/kubernetes/transport/api-transport.ts';
import {
  projectNamespace,
  projectServiceAccount,
} from '../../../src/kubernetes/view/project-objects.ts';
import { projectPullSecret } from '../../../src/kubernetes/view/project-pull-secret.ts';
import { RequestBudget } from '../../../src/kubernetes/transport/request-budget.ts';
import type { Transport } from '../../../src/kubernetes/transport/transport.ts';
import type { Wire } from '../../../src/kubernetes/wire/wire.ts';
import type {
  CachedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../../src/domain/state/observed.ts';
import type { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { INSTANCE, SECRET_NAME } from '../values/builders.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

export function transportOver(wire: Wire, clock = new VirtualClock()): Transport {
  const budget = new RequestBudget({ clock, qps: 100_000, burst: 100_000 });
  return new ApiTransport({ wire, clock, budget });
}

/** Throws if there is no such object. */
export function cachedNamespace(cluster: SimulatedCluster, name: string): CachedNamespace {
  return known(projectNamespace(cluster.kubectl.get({ kind: 'Namespace', name })));
}

export function cachedAccount(
  cluster: SimulatedCluster,
  namespace: string,
  name = 'default',
): CachedServiceAccount {
  const account = cluster.kubectl.get({ kind: 'ServiceAccount', namespace, name });
  return known(projectServiceAccount(account, SECRET_NAME));
}

export function cachedSecret(cluster: SimulatedCluster, namespace: string): CachedPullSecret {
  const secret = cluster.kubectl.get({ kind: 'Secret', namespace, name: SECRET_NAME });
  return known(projectPullSecret(secret, INSTANCE));
}

function known<T>(cached: T | undefined): T {
  if (cached === undefined) throw new Error('the object does not exist');
  return cached;
}

/**
 * The Lease of leader election, with connections and a budget of its own, so that a storm of writes never keeps a
 * leader from renewing.
 */
import type { LeaseStore } from '../controller/election/lease.ts';
import type { Clock } from '../base/clock.ts';
import { type Instance, leaseNameOf } from '../domain/contract.ts';
import { ApiTransport } from './transport/api-transport.ts';
import { KubernetesLeaseStore } from './lease/lease-store.ts';
import { RequestBudget } from './transport/request-budget.ts';
import type { RequestObservation } from './transport/transport.ts';
import type { ApiServerConnection } from './wire/wire.ts';

export interface LeaseOptions {
  readonly instance: Instance;
  /** Where the Lease lives. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly onRequest: (call: RequestObservation) => void;
}

export interface ConnectedLease {
  readonly store: LeaseStore;
  close(): Promise<void>;
}

/** Each attempt, every 1.5 s, needs at most three requests. */
const BUDGET = { qps: 5, burst: 5 };
/** A leader that has to wait longer could just as well step down. */
const PAUSE_AT_MOST_MS = 5000;

/** Opens no connection before the first call. */
export function connectLease(
  apiServer: ApiServerConnection,
  options: LeaseOptions,
): ConnectedLease {
  const { instance, namespace, clock, onRequest } = options;
  const wire = apiServer.openWire();
  const transport = new ApiTransport({
    wire,
    clock,
    budget: new RequestBudget({ clock, ...BUDGET }),
    observer: { onRequest },
    pauseAtMostMs: PAUSE_AT_MOST_MS,
  });
  const store = new KubernetesLeaseStore({
    transport,
    clock,
    namespace,
    name: leaseNameOf(instance.name),
    fieldManager: instance.fieldManager,
  });
  return { store, close: () => wire.close() };
}

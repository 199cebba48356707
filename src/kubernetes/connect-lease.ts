/** Leadership over a Lease, on connections and a budget of its own: no storm of writes keeps a leader from renewing. */
import { LeaderElection } from '../controller/election/leader-election.ts';
import type { Leadership } from '../controller/election/leadership.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Instance, leaseNameOf } from '../domain/contract.ts';
import { ApiTransport } from './transport/api-transport.ts';
import { KubernetesLeaseStore } from './lease/lease-store.ts';
import { RequestBudget } from './transport/request-budget.ts';
import type { RequestObservation } from './transport/transport.ts';
import type { ApiServerAccess } from './wire/wire.ts';

export interface LeaseOptions {
  readonly instance: Instance;
  /** Where the Lease lives. */
  readonly namespace: string;
  /** Of this process alone. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onRequest: (call: RequestObservation) => void;
  readonly onSlowPath: () => void;
}

/** A turn needs three requests at most, every 1.5 s. */
const BUDGET = { qps: 5, burst: 5 };
/** A leader that must wait for longer could as well step down. */
const PAUSE_AT_MOST_MS = 5000;

/** Connects to nothing before it is started. Its release closes the connections. */
export function connectLease(access: ApiServerAccess, options: LeaseOptions): Leadership {
  const { instance, namespace, clock, onRequest } = options;
  const wire = access.openWire();
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
  const election = new LeaderElection({ ...options, store });
  return {
    isLeading: () => election.isLeading(),
    isPaused: () => election.isPaused(),
    start: (listener) => election.start(listener),
    findFault: () => election.findFault(),
    findRefusal: () => election.findRefusal(),
    async release() {
      await election.release();
      await wire.close();
    },
  };
}

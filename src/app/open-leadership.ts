/** Opens the leadership: that of the replica that holds the Lease, or of this one if nobody competes. */
import type { Clock, Random } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { LeaderElection } from '../controller/election/leader-election.ts';
import { alwaysLeading, type Leadership } from '../controller/election/leadership.ts';
import { type Instance, leaseNameOf } from '../domain/contract.ts';
import { connectLease } from '../kubernetes/connect-lease.ts';
import type { ApiServerConnection } from '../kubernetes/wire/wire.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';

export interface LeasePlace {
  readonly namespace: string;
  /** Unique to this process, and recognisable for people. */
  readonly candidate: string;
}

interface Surroundings {
  readonly apiServer: ApiServerConnection;
  readonly instance: Instance;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'leader' | 'requests'>;
}

export interface OpenedLeadership {
  readonly leadership: Leadership;
  /** To be called once the lead has been given up. */
  close(): Promise<void>;
}

/** Connects to nothing before it is started. */
export function openLeadership(
  lease: LeasePlace | undefined,
  { apiServer, instance, clock, random, log, metrics }: Surroundings,
): OpenedLeadership {
  if (lease === undefined) return { leadership: alwaysLeading(), close: () => Promise.resolve() };
  const { namespace, candidate } = lease;
  const connected = connectLease(apiServer, {
    instance,
    namespace,
    clock,
    onRequest: (call) => metrics.requests.requested(call),
  });
  const leadership = new LeaderElection({
    candidate,
    store: connected.store,
    clock,
    random,
    log,
    onSlowPath: () => metrics.leader.slowPathTaken(),
  });
  metrics.leader.collectFrom(leaseNameOf(instance.name), leadership);
  return { leadership, close: () => connected.close() };
}

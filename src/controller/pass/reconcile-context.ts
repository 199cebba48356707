/** Everything that a pass of the loop may touch: the world as it is, and what this process remembers of it. */
import type { Instance } from '../../domain/contract.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { ClusterView } from '../ports/cluster-view.ts';
import type { Namespaces, PullSecrets, ServiceAccounts } from '../ports/cluster-writes.ts';
import type { EventSink } from '../ports/events.ts';
import type { Measurements } from '../ports/measurements.ts';
import { ReadyStopwatch } from '../memory/ready-stopwatch.ts';
import { RefreshRequests } from '../memory/refresh-requests.ts';
import { RemovalBrake } from '../memory/removal-brake.ts';
import { RepairDamper } from '../memory/repair-damper.ts';
import { NamespaceTroubles } from '../memory/namespace-troubles.ts';
import type { TokenStore } from '../tokens/token-store.ts';

export interface World {
  readonly instance: Instance;
  /** The configuration of this moment: it is reloaded while we run. */
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly measurements: Measurements;
  readonly cluster: ClusterView;
  readonly namespaces: Namespaces;
  readonly pullSecrets: PullSecrets;
  readonly serviceAccounts: ServiceAccounts;
  readonly events: EventSink;
  readonly tokens: Pick<TokenStore, 'cached' | 'isFailing' | 'take'>;
}

/** Lost with the process, and nothing that matters with it. */
interface Memory {
  readonly brake: RemovalBrake;
  readonly damper: RepairDamper;
  readonly requests: RefreshRequests;
  readonly troubles: NamespaceTroubles;
  readonly stopwatch: ReadyStopwatch;
}

export interface ReconcileContext extends World, Memory {}

/** One look at one namespace. */
export interface Pass {
  /** Aborted when the term of leadership ends: nothing more is written. */
  readonly signal: AbortSignal;
  /** Asks for another look at once, also long after this one has ended; does nothing when the term is over. */
  readonly requeue: () => void;
}

/** The world, and a memory that is still empty. */
export function withMemory(world: World): ReconcileContext {
  const { cluster, events, log, measurements } = world;
  return {
    ...world,
    brake: new RemovalBrake(cluster, log),
    damper: new RepairDamper(),
    requests: new RefreshRequests(),
    troubles: new NamespaceTroubles(events, log, measurements),
    stopwatch: new ReadyStopwatch(measurements),
  };
}

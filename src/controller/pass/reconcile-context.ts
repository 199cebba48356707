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
import { RemovalGuard } from '../memory/removal-guard.ts';
import { RepairDamper } from '../memory/repair-damper.ts';
import { StallBook } from '../memory/stall-book.ts';
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
  readonly tokens: Pick<TokenStore, 'held' | 'isFailing' | 'take'>;
}

/** Lost with the process, and nothing that matters with it. */
interface Memory {
  readonly guard: RemovalGuard;
  readonly damper: RepairDamper;
  readonly requests: RefreshRequests;
  readonly stalls: StallBook;
  readonly stopwatch: ReadyStopwatch;
}

export interface ReconcileContext extends World, Memory {}

/** One look at one namespace. */
export interface Pass {
  /** Aborted when the term of leadership ends: nothing more is written. */
  readonly signal: AbortSignal;
  /** Asks for another look at once, also long after this one has ended; does nothing when the term is over. */
  readonly lookAgain: () => void;
}

/** The world, and a memory that is still empty. */
export function withMemory(world: World): ReconcileContext {
  const { cluster, events, log, measurements } = world;
  return {
    ...world,
    guard: new RemovalGuard(cluster, log),
    damper: new RepairDamper(),
    requests: new RefreshRequests(),
    stalls: new StallBook(events, log, measurements),
    stopwatch: new ReadyStopwatch(measurements),
  };
}

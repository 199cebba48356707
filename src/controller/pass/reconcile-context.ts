/** Everything that a pass may use: the world, and what this process remembers about it. */
import type { Instance } from '../../domain/contract.ts';
import { remembering } from '../../domain/remembering.ts';
import type { Settings } from '../../domain/settings.ts';
import type { CachedNamespace } from '../../domain/state/observed.ts';
import { jitterOf } from '../../domain/token/refresh-policy.ts';
import type { Clock } from '../../base/clock.ts';
import type { Lane } from '../../base/lane.ts';
import type { Log } from '../../base/log.ts';
import type { TimeSlices } from '../../base/time-slices.ts';
import type { ClusterView } from '../ports/cluster-view.ts';
import type { Namespaces, PullSecrets, DryRuns, ServiceAccounts } from '../ports/cluster-writes.ts';
import type { EventSink } from '../ports/events.ts';
import type { Measurements } from '../ports/measurements.ts';
import { Notices } from '../memory/notices.ts';
import { ReadyStopwatch } from '../memory/ready-stopwatch.ts';
import { RefreshRequests } from '../memory/refresh-requests.ts';
import { Removals } from '../memory/removals.ts';
import { RemovalBrake } from '../memory/removal-brake.ts';
import { SecretHistory } from '../memory/secret-history.ts';
import { RepairDamper } from '../memory/repair-damper.ts';
import { NamespaceTroubles } from '../memory/namespace-troubles.ts';
import { OverdueSteps } from '../memory/overdue-steps.ts';
import type { TokenStore } from '../tokens/token-store.ts';

export interface World {
  readonly instance: Instance;
  /** The current configuration, which may be reloaded at any time. */
  readonly settings: () => Settings;
  readonly clock: Clock;
  /** Shared by all work that goes over thousands of things. */
  readonly slices: TimeSlices;
  readonly log: Log;
  readonly measurements: Measurements;
  readonly cluster: ClusterView;
  readonly namespaces: Namespaces;
  readonly pullSecrets: PullSecrets;
  readonly serviceAccounts: ServiceAccounts;
  readonly dryRuns: DryRuns;
  readonly events: EventSink;
  readonly tokens: Pick<TokenStore, 'cached' | 'isFailing' | 'take'>;
}

/** Lost at the end of a leadership term or of the process, without harm. */
interface Memory {
  readonly brake: Pick<RemovalBrake, 'assess'>;
  readonly removals: Removals;
  readonly damper: RepairDamper;
  readonly requests: RefreshRequests;
  readonly overdue: OverdueSteps;
  readonly troubles: NamespaceTroubles;
  readonly notices: Notices;
  readonly stopwatch: ReadyStopwatch;
  readonly history: SecretHistory;
  /** See `jitterOf` of the refresh policy: computed once for each record. */
  readonly jitterOf: (namespace: CachedNamespace) => number;
}

export interface ReconcileContext extends World, Memory {}

/** One pass over one namespace. */
export interface Pass {
  /** Aborted when the term of leadership ends, or when the pass must make room: nothing more is written. */
  readonly signal: AbortSignal;
  /** May change while the pass runs: one that takes long becomes slow. */
  readonly lane: Lane;
  /** Whether the pass may still begin a step; what is left is for the next pass. */
  readonly mayBegin: boolean;
  /** Runs a step, and counts it as in flight meanwhile. */
  readonly inFlight: <T>(step: () => Promise<T>) => Promise<T>;
  /** To be called right before a request of the pass is sent. */
  readonly sent: () => void;
  /** Requeues the namespace now, even long after this pass has ended; does nothing when the term is over. */
  readonly requeue: () => void;
}

/** The world with an empty memory. */
export function withMemory(world: World): ReconcileContext {
  const { cluster, events, log, measurements } = world;
  const removals = new Removals();
  return {
    ...world,
    brake: new RemovalBrake(cluster, removals, log),
    removals,
    damper: new RepairDamper(),
    requests: new RefreshRequests(),
    overdue: new OverdueSteps(),
    troubles: new NamespaceTroubles(events, log, measurements),
    notices: new Notices(events),
    stopwatch: new ReadyStopwatch(measurements),
    history: new SecretHistory(),
    jitterOf: remembering(({ uid }) => jitterOf(uid)),
  };
}

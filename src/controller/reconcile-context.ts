/** Everything that a pass of the loop may touch. */
import type { Instance } from '../domain/contract.ts';
import type { Settings } from '../domain/settings.ts';
import type {
  Clock,
  ClusterView,
  EventSink,
  Log,
  Measurements,
  Namespaces,
  PullSecrets,
  ServiceAccounts,
} from './ports.ts';
import type { ReadyStopwatch } from './ready-stopwatch.ts';
import type { RefreshRequests } from './refresh-requests.ts';
import type { RemovalGuard } from './removal-guard.ts';
import type { RepairDamper } from './repair-damper.ts';
import type { StallBook } from './stall-book.ts';
import type { TokenStore } from './token-store.ts';

export interface ReconcileContext {
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
  readonly tokens: Pick<TokenStore, 'held' | 'obtain' | 'underWay'>;
  readonly guard: RemovalGuard;
  readonly damper: RepairDamper;
  readonly requests: RefreshRequests;
  readonly stalls: StallBook;
  readonly stopwatch: ReadyStopwatch;
}

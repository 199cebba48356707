/** Watches the brake on removals and says loudly when it engages. */
import { type BrakeState, assessBrake } from '../../domain/plan/removal-brake.ts';
import type { Settings } from '../../domain/settings.ts';
import { isRecent } from '../../base/duplicate-filter.ts';
import type { Log } from '../../base/log.ts';
import type { ClusterView } from '../ports/cluster-view.ts';

/** How old an answer may be, where one that is a moment old will do. */
const HOLDS_MS = 1_000;

export class RemovalBrake {
  readonly #cluster: ClusterView;
  readonly #log: Log;
  #last: { readonly state: BrakeState; readonly settings: Settings; readonly at: Date } | undefined;

  constructor(cluster: ClusterView, log: Log) {
    this.#cluster = cluster;
    this.#log = log;
  }

  /**
   * Goes over all our Secrets: asked only when something is due for removal, and for the metrics. After a mass opt-out
   * thousands ask at once, so "engaged" may be a moment old; "not engaged" only where `isUndoable` says that what
   * follows from it can be undone.
   */
  assess(settings: Settings, now: Date, isUndoable = false): BrakeState {
    const recent = this.#recent(settings, now);
    if (recent !== undefined && (recent.engaged || isUndoable)) return recent;
    const state = assessBrake(this.#cluster.pullSecrets(), settings, now);
    const wasEngaged = this.#last?.state.engaged === true;
    this.#last = { state, settings, at: now };
    const { engaged, ...fields } = state;
    if (engaged && !wasEngaged) {
      this.#log.error(
        fields,
        'removal brake engaged: nothing is removed; raise removal.maxPerTenMinutes if this many removals are meant, opt the namespaces in again, or take everything away with cleanup',
      );
    }
    if (!engaged && wasEngaged) this.#log.info(fields, 'removal brake released');
    return state;
  }

  #recent(settings: Settings, now: Date): BrakeState | undefined {
    const last = this.#last;
    if (last?.settings !== settings) return undefined;
    return isRecent(last.at.getTime(), now.getTime(), HOLDS_MS) ? last.state : undefined;
  }
}

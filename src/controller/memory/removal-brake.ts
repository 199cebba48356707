/** Asks the removal brake, and logs when it engages and when it is released. */
import {
  type BrakeState,
  brakeStateOf,
  isPending,
  type Share,
  shareOf,
} from '../../domain/plan/removal-brake.ts';
import type { Settings } from '../../domain/settings.ts';
import type { CachedNamespace, CachedPullSecret } from '../../domain/state/observed.ts';
import { isRecent } from '../../base/duplicate-filter.ts';
import type { Log } from '../../base/log.ts';
import type { ClusterView } from '../ports/cluster-view.ts';
import type { Removals } from './removals.ts';

/** How long an answer may be used again, if a slightly old one will do. */
const REUSE_MS = 1_000;

const FIX =
  'raise removal.maxPerTenMinutes if you want this many removals, opt the namespaces in again if not, or remove everything with cleanup';

/** What was read from these records with these settings. */
interface ReadShare {
  readonly namespace: CachedNamespace;
  readonly settings: Settings;
  readonly share: Share;
}

interface Answer {
  readonly state: BrakeState;
  readonly settings: Settings;
  readonly releases: number;
  readonly at: Date;
}

/**
 * Answers whether removals are allowed now. The answer is counted from the caches, never kept up to date by changes: after
 * a crash, or in another replica, the same caches give the same answer. Records never change, so what one of them says
 * is read only once. The last answer is in memory to save work and to log changes.
 *
 * A caller that is about to remove something that can't be restored gets a "not engaged" from this very moment. It has to
 * ask again right before the request is sent, because the brake may engage in the meantime. Never throws.
 */
export class RemovalBrake {
  readonly #cluster: ClusterView;
  readonly #removals: Removals;
  readonly #log: Log;
  readonly #shares = new WeakMap<CachedPullSecret, ReadShare>();
  #last: Answer | undefined;

  constructor(cluster: ClusterView, removals: Removals, log: Log) {
    this.#cluster = cluster;
    this.#removals = removals;
    this.#log = log;
  }

  /**
   * Goes over all our Secrets, so ask only when something is due for removal, and for the metrics. After a mass opt-out
   * thousands of namespaces ask at once, so "engaged" may be up to a second old. "Not engaged" may be so only with
   * `isUndoable`: what the caller does with the answer can be undone, or is planned again before it is sent. Another `settings` object always gives a new answer.
   */
  assess(settings: Settings, now: Date, isUndoable = false): BrakeState {
    const recent = this.#recent(settings, now);
    if (recent !== undefined && (recent.engaged || isUndoable)) return recent;
    const state = this.#count(settings, now);
    const wasEngaged = this.#last?.state.engaged === true;
    this.#last = { state, settings, releases: this.#removals.releases, at: now };
    const { engaged, managed, pending, limit } = state;
    if (engaged && !wasEngaged) {
      this.#log.error(
        { managed, pending, limit, fix: FIX },
        'removal brake engaged, nothing is removed',
      );
    }
    if (!engaged && wasEngaged) {
      this.#log.info({ managed, pending, limit }, 'removal brake released');
    }
    return state;
  }

  #count(settings: Settings, now: Date): BrakeState {
    let managed = 0;
    let pending = 0;
    for (const { namespace, pullSecret } of this.#cluster.pullSecrets()) {
      const share = this.#shareOf(namespace, pullSecret, settings);
      if (share.isManaged) managed += 1;
      if (share.leaving === 'nothing' || this.#removals.isStalled(namespace)) continue;
      if (isPending(share, this.#removals.dueIn(namespace), settings, now)) pending += 1;
    }
    return brakeStateOf({ managed, pending }, settings);
  }

  #shareOf(namespace: CachedNamespace, pullSecret: CachedPullSecret, settings: Settings): Share {
    const known = this.#shares.get(pullSecret);
    if (known?.namespace === namespace && known.settings === settings) return known.share;
    const share = shareOf(namespace, pullSecret, settings);
    this.#shares.set(pullSecret, { namespace, settings, share });
    return share;
  }

  #recent(settings: Settings, now: Date): BrakeState | undefined {
    const last = this.#last;
    if (last?.settings !== settings || last.releases !== this.#removals.releases) return undefined;
    return isRecent(last.at.getTime(), now.getTime(), REUSE_MS) ? last.state : undefined;
  }
}

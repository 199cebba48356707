/** Watches the brake on removals and says loudly when it engages. */
import { type BrakeState, assessBrake } from '../domain/removal-brake.ts';
import type { Settings } from '../domain/settings.ts';
import type { ClusterView, Log } from './ports.ts';

export class RemovalGuard {
  readonly #cluster: ClusterView;
  readonly #log: Log;
  #wasEngaged = false;

  constructor(cluster: ClusterView, log: Log) {
    this.#cluster = cluster;
    this.#log = log;
  }

  /** Looks at all our Secrets: asked only when something is due for removal, and for the metrics. */
  assess(settings: Settings, now: Date): BrakeState {
    const state = assessBrake(this.#cluster.pullSecrets(), settings, now);
    const { engaged, ...fields } = state;
    if (engaged && !this.#wasEngaged) {
      this.#log.error(
        fields,
        'removal brake engaged: nothing is removed; raise removal.maxPerTenMinutes if this many removals are meant, or opt the namespaces in again',
      );
    }
    if (!engaged && this.#wasEngaged) this.#log.info(fields, 'removal brake released');
    this.#wasEngaged = engaged;
    return state;
  }
}

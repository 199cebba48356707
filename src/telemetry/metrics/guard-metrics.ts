/** Whether the guard restricts the controller. */
import { Gauge, type Registry } from 'prom-client';
import { seriesIn } from './metric-names.ts';

export class GuardMetrics {
  readonly #inEffect: Gauge;
  #read: () => boolean | undefined = () => undefined;

  constructor(registry: Registry) {
    this.#inEffect = new Gauge(
      seriesIn(registry)(
        'guard_in_effect',
        '1 if the guard restricts the controller, 0 if it does not; absent while that is not known.',
      ),
    );
  }

  /** `read` is called at every scrape; `undefined`: not known, or not for this replica to say. */
  collectFrom(read: () => boolean | undefined): void {
    this.#read = read;
  }

  refresh(): void {
    const isInEffect = this.#read();
    if (isInEffect === undefined) this.#inEffect.remove();
    else this.#inEffect.set(isInEffect ? 1 : 0);
  }
}

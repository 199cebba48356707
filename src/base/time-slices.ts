/** Keeps work that comes in small pieces from holding the event loop: probes, timers and the lease must get their turn. */
import type { Clock } from './clock.ts';

/** For all the work that shares these slices. A piece that has begun is finished, however long it takes. */
const SLICE_MS = 10;

export class TimeSlices {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** When the work of this turn of the event loop began. */
  #startedAtMs: number | undefined;
  #nextTurn = Promise.resolve();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Runs a piece of work: at once until this turn's 10 ms are used up, then in a later turn. */
  async run<T>(piece: () => T): Promise<T> {
    while (this.#isUsedUp()) await this.#nextTurn;
    return piece();
  }

  /** Goes over items in such pieces; `act` must not throw. Items may come and go meanwhile. */
  async forEach<T>(items: Iterable<T>, act: (item: T) => void): Promise<void> {
    for (const item of items) {
      while (this.#isUsedUp()) await this.#nextTurn;
      act(item);
    }
  }

  #isUsedUp(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#startedAtMs !== undefined) return nowMs - this.#startedAtMs >= SLICE_MS;
    this.#startedAtMs = nowMs;
    this.#nextTurn = new Promise((resolve) => {
      setImmediate(() => {
        this.#startedAtMs = undefined;
        resolve();
      });
    });
    return false;
  }
}

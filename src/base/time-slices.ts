/** Keeps work that comes in small pieces from holding the event loop: probes, timers and the lease must get their turn. */
import type { Clock } from './clock.ts';

/** For all the work that shares these slices. A piece that has begun is finished, however long it takes. */
const SLICE_MS = 10;
/** For each loop over thousands of items; several may be under way. */
const LOOP_SLICE_MS = 5;

export class TimeSlices {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #sliceMs: number;
  /** When the work of this turn of the event loop began. */
  #startedAtMs: number | undefined;
  #nextTurn = Promise.resolve();

  constructor(clock: Pick<Clock, 'monotonicMs'>, sliceMs = SLICE_MS) {
    this.#clock = clock;
    this.#sliceMs = sliceMs;
  }

  /** Runs a piece of work: at once until the slice of this turn is used up, then in a later turn. */
  async run<T>(piece: () => T): Promise<T> {
    while (this.#isUsedUp()) await this.#nextTurn;
    return piece();
  }

  /**
   * Goes over items, in slices of its own: a loop of many small pieces would starve among larger ones. `act` must not
   * throw. Items may come and go meanwhile.
   */
  async forEach<T>(items: Iterable<T>, act: (item: T) => void): Promise<void> {
    const own = new TimeSlices(this.#clock, LOOP_SLICE_MS);
    for (const item of items) {
      while (own.#isUsedUp()) await own.#nextTurn;
      act(item);
    }
  }

  #isUsedUp(): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (this.#startedAtMs !== undefined) return nowMs - this.#startedAtMs >= this.#sliceMs;
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

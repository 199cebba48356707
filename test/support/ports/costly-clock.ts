/** A clock by which each look at the monotonic time takes a millisecond: it shows what is done in slices of time. */
import type { Clock } from '../../../src/base/clock.ts';

export class CostlyClock implements Clock {
  readonly #clock: Clock;
  /** How many there were. */
  looks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Date {
    return this.#clock.now();
  }

  monotonicMs(): number {
    this.looks += 1;
    return this.#clock.monotonicMs() + this.looks;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }
}

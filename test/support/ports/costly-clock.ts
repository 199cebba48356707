/** A clock by which work takes time, so that it shows what is done in slices of time. */
import type { Clock } from '../../../src/base/clock.ts';

export class CostlyClock implements Clock {
  readonly #clock: Clock;
  readonly #lookMs: number;
  #spentMs = 0;
  /** How often it was asked for the monotonic time. */
  looks = 0;

  /** `lookMs`: how long it takes to ask for the monotonic time, and what is done with it. */
  constructor(clock: Clock, lookMs = 1) {
    this.#clock = clock;
    this.#lookMs = lookMs;
  }

  /** To be called by work that takes this long. */
  spend(ms: number): void {
    this.#spentMs += ms;
  }

  now(): Date {
    return this.#clock.now();
  }

  monotonicMs(): number {
    this.looks += 1;
    this.#spentMs += this.#lookMs;
    return this.#clock.monotonicMs() + this.#spentMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#clock.after(delayMs, callback);
  }
}

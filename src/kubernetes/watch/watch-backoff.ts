/** How long to wait before a watch is retried: client-go's numbers. */
import { backoffMs } from '../../base/backoff.ts';
import type { Clock, Random } from '../../base/clock.ts';

const LIMITS = { firstMs: 800, longestMs: 30_000, jitter: 1 };
/** Jitter alone may yield no wait at all, but a loop that fails at once must not spin. */
const LEAST_MS = 50;
const RESET_AFTER_MS = 120_000;

/** 0.8 s doubling to 30 s, full jitter (from 50 ms to that); starts over after two minutes without a failure. */
export class WatchBackoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #attempts = 0;
  #endsAtMs = -Infinity;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Failures in a row. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Counts a failure and returns the wait in ms: at least `atLeastMs`. */
  next(atLeastMs = 0): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#endsAtMs >= RESET_AFTER_MS) this.#attempts = 0;
    this.#attempts += 1;
    const delayMs = Math.max(atLeastMs, LEAST_MS, backoffMs(this.#attempts, LIMITS, this.#random));
    this.#endsAtMs = nowMs + delayMs;
    return delayMs;
  }
}

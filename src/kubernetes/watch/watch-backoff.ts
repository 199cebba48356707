/** How long to wait before trying a watch again: client-go's numbers. */
import { backoffMs } from '../../base/backoff.ts';
import type { Clock, Random } from '../../base/clock.ts';

const LIMITS = { firstMs: 800, longestMs: 30_000, jitter: 1 };
/** Jitter may give nothing at all; a loop that fails at once must not spin even so. */
const LEAST_MS = 50;
const RESET_AFTER_MS = 120_000;

/** 0.8 s doubling to 30 s, full jitter (anything from 50 ms to that); begins anew after two minutes without a failure. */
export class WatchBackoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #attempts = 0;
  #endsAtMs = -Infinity;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** How many in a row. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Counts a failure and gives the wait in ms: at least `atLeastMs`. */
  next(atLeastMs = 0): number {
    const nowMs = this.#clock.now().getTime();
    // Also when the clock was set back: at worst that is one short wait.
    if (Math.abs(nowMs - this.#endsAtMs) >= RESET_AFTER_MS) this.#attempts = 0;
    this.#attempts += 1;
    const delayMs = Math.max(atLeastMs, LEAST_MS, backoffMs(this.#attempts, LIMITS, this.#random));
    this.#endsAtMs = nowMs + delayMs;
    return delayMs;
  }
}

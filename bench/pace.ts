/** Limits requests to a budget with a token bucket, as the controller does. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface Budget {
  /** Requests per second. */
  readonly qps: number;
  readonly burst: number;
}

export class Pace {
  readonly #qps: number;
  readonly #burst: number;
  /** If negative, the number of waiting requests. */
  #tokens: number;
  #filledAtMs = performance.now();

  constructor({ qps, burst }: Budget) {
    this.#qps = qps;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Resolves when another request may be sent. */
  async take(): Promise<void> {
    const nowMs = performance.now();
    const filled = ((nowMs - this.#filledAtMs) / 1000) * this.#qps;
    this.#tokens = Math.min(this.#burst, this.#tokens + filled) - 1;
    this.#filledAtMs = nowMs;
    if (this.#tokens < 0) await delay((-this.#tokens / this.#qps) * 1000);
  }
}

/** How many requests we allow ourselves: a token bucket that gives way when the API server says it has too much. */
import type { Clock } from '../../base/clock.ts';
import { isRecent } from '../../base/duplicate-filter.ts';

interface Waiter {
  readonly grant: () => void;
}

/** Never slower than this part of the full rate: recovery has to be noticed. */
const LOWEST_SHARE = 1 / 16;
const RECOVERY_MS = 20_000;
/** Many requests in flight hear 429 at once: that is one message, not many. */
const HALVE_AT_MOST_EVERY_MS = 1000;

/** First come, first served. Over any time `t` it lets `burst + qps × t` requests pass at most. */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  readonly #queue = new Set<Waiter>();
  #tokens: number;
  #ratePerMs: number;
  #refilledAtMs: number;
  #halvedAtMs = -Infinity;
  #pausedUntilMs = -Infinity;
  #cancelPause: (() => void) | undefined;
  #cancelPump: (() => void) | undefined;

  constructor(options: { readonly clock: Clock; readonly qps: number; readonly burst: number }) {
    this.#clock = options.clock;
    this.#qps = options.qps;
    this.#burst = Math.max(1, options.burst);
    this.#tokens = this.#burst;
    this.#ratePerMs = options.qps / 1000;
    this.#refilledAtMs = options.clock.monotonicMs();
  }

  /** Resolves when one request may go; rejects with the signal's reason when it aborts first. */
  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#queue.size === 0 && this.#takeToken()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter = {
        grant: (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.add(waiter);
      this.#pump();
    });
  }

  /** The server has too much to do (429): half the rate, which comes back in 20 s without another one. */
  slowDown(): void {
    this.#refill();
    const now = this.#refilledAtMs;
    if (isRecent(this.#halvedAtMs, now, HALVE_AT_MOST_EVERY_MS)) return;
    this.#halvedAtMs = now;
    this.#tokens = Math.min(this.#tokens, 0);
    this.#ratePerMs = Math.max(this.#ratePerMs / 2, (this.#qps * LOWEST_SHARE) / 1000);
  }

  /** Nothing goes for so long. Of several pauses the one that ends last counts. */
  pauseFor(durationMs: number): void {
    const untilMs = this.#clock.monotonicMs() + durationMs;
    if (this.#cancelPause !== undefined && untilMs <= this.#pausedUntilMs) return;
    this.#cancelPause?.();
    this.#pausedUntilMs = untilMs;
    this.#cancelPause = this.#clock.after(durationMs, () => {
      this.#cancelPause = undefined;
      this.#pump();
    });
  }

  #takeToken(): boolean {
    if (this.#cancelPause !== undefined) return false;
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #pump(): void {
    if (this.#cancelPause !== undefined) return;
    for (const waiter of this.#queue) {
      if (!this.#takeToken()) break;
      this.#queue.delete(waiter);
      waiter.grant();
    }
    if (this.#queue.size === 0 || this.#cancelPump !== undefined) return;
    const waitMs = Math.max(1, Math.ceil((1 - this.#tokens) / this.#ratePerMs));
    this.#cancelPump = this.#clock.after(waitMs, () => {
      this.#cancelPump = undefined;
      this.#pump();
    });
  }

  #refill(): void {
    const now = this.#clock.monotonicMs();
    const elapsedMs = now - this.#refilledAtMs;
    this.#refilledAtMs = now;
    const fullRate = this.#qps / 1000;
    const before = this.#ratePerMs;
    this.#ratePerMs = Math.min(fullRate, before + (fullRate * elapsedMs) / RECOVERY_MS);
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsedMs * before);
  }
}

/** Limits our requests: a token bucket that slows down when the API server says that it is overloaded. */
import type { Clock } from '../../base/clock.ts';
import { isRecent } from '../../base/duplicate-filter.ts';

interface Waiter {
  readonly grant: () => void;
}

/** Never slower than this share of the full rate, so that we notice when the server recovers. */
const LOWEST_SHARE = 1 / 16;
const RECOVERY_MS = 20_000;
/** When many requests in flight get a 429 at the same time, it counts once. */
const HALVE_AT_MOST_EVERY_MS = 1000;

/**
 * Every request to the API server takes one token before it is sent, first come, first served. Over any time `t`, at
 * most `burst + qps × t` requests pass; `burst` is at least 1. The state lives in memory only, and each instance counts
 * for itself: a restarted process starts with a full burst. Any number of callers may wait at the same time.
 */
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

  /**
   * Resolves when the caller may send one request; each attempt needs a call of its own. Rejects with the signal's
   * reason if it aborts first, and then uses no token. A token that was granted can't be returned.
   */
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

  /**
   * Call after a 429. Empties the bucket and halves the rate, down to a sixteenth of `qps`; repeated calls within a
   * second count once. The rate recovers steadily: even the lowest is back at the full rate within 20 s without a 429.
   */
  slowDown(): void {
    this.#refill();
    const now = this.#refilledAtMs;
    if (isRecent(this.#halvedAtMs, now, HALVE_AT_MOST_EVERY_MS)) return;
    this.#halvedAtMs = now;
    this.#tokens = Math.min(this.#tokens, 0);
    this.#ratePerMs = Math.max(this.#ratePerMs / 2, (this.#qps * LOWEST_SHARE) / 1000);
  }

  /** Call after a `Retry-After`. Holds back every request for `durationMs`; of several pauses, the longest counts. */
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

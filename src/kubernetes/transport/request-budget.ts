/** Limits our requests: a token bucket that slows down when the API server says that it is overloaded. */
import type { Clock } from '../../base/clock.ts';
import { isRecent } from '../../base/duplicate-filter.ts';
import { type Lane, LANES } from '../../base/lane.ts';

interface Waiter {
  readonly grant: () => void;
}

/** Never slower than this share of the full rate, so that we notice when the server recovers. */
const LOWEST_SHARE = 1 / 16;
const RECOVERY_MS = 20_000;
/** When many requests in flight get a 429 at the same time, it counts once. */
const HALVE_AT_MOST_EVERY_MS = 1000;
/** Once in this many grants, one of the other lanes goes first, so that none starves. */
const FAIR_GRANT_EVERY = 8;
const FAIR_ORDERS: readonly (readonly Lane[])[] = [
  ['slow', 'routine', 'urgent'],
  ['routine', 'slow', 'urgent'],
];

/**
 * Every request to the API server takes one token before it is sent: the most urgent lane first, and within a lane first
 * come, first served. Over any time `t`, at most `burst + qps × t` requests pass; `burst` is at least 1. The state lives in memory only, and each instance counts
 * for itself: a restarted process starts with a full burst. Any number of callers may wait at the same time.
 */
export class RequestBudget {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  readonly #queues = new Map<Lane, Set<Waiter>>(LANES.map((lane) => [lane, new Set()]));
  #grants = 0;
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
  take(signal: AbortSignal, lane: Lane = 'urgent'): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#next() === undefined && this.#takeToken()) return Promise.resolve();
    const queue = this.#queueOf(lane);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter = {
        grant: (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      queue.add(waiter);
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
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (!this.#takeToken()) break;
      this.#grants += 1;
      next.queue.delete(next.waiter);
      next.waiter.grant();
    }
    if (this.#next() === undefined || this.#cancelPump !== undefined) return;
    const waitMs = Math.max(1, Math.ceil((1 - this.#tokens) / this.#ratePerMs));
    this.#cancelPump = this.#clock.after(waitMs, () => {
      this.#cancelPump = undefined;
      this.#pump();
    });
  }

  #next(): { readonly queue: Set<Waiter>; readonly waiter: Waiter } | undefined {
    for (const lane of this.#lanes()) {
      const queue = this.#queueOf(lane);
      for (const waiter of queue) return { queue, waiter };
    }
    return undefined;
  }

  /** In the order in which they are served now. */
  #lanes(): readonly Lane[] {
    if (this.#grants % FAIR_GRANT_EVERY < FAIR_GRANT_EVERY - 1) return LANES;
    const round = Math.floor(this.#grants / FAIR_GRANT_EVERY);
    return FAIR_ORDERS[round % FAIR_ORDERS.length] ?? LANES;
  }

  #queueOf(lane: Lane): Set<Waiter> {
    const queue = this.#queues.get(lane);
    if (queue === undefined) throw new Error(`no such lane: ${lane}`);
    return queue;
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

/**
 * The keyed work queue, after client-go. Due times are wall-clock times and are checked at least every 15 seconds, so that
 * a suspended machine, or one whose clock was set, catches up soon.
 */
import { DelayedKeys } from './delayed-keys.ts';
import { backoffMs } from '../../base/backoff.ts';
import type { Clock, Random } from '../../base/clock.ts';
import { moreUrgent, PRIORITIES, type Priority, rank } from './priority.ts';

const TICK_MS = 15_000;
/** A clock that goes back by more than this was set, and all due times are from before that. */
const CLOCK_TOLERANCE_MS = 1_000;
const BACKOFF = { firstMs: 100, longestMs: 60_000, jitter: 0.5 };
/** Once in this many takes, the key that has waited longest goes first, so that no priority starves. */
const FAIR_TAKE_EVERY = 8;

/** Is notified of what happens to each key. Must not throw. */
export interface QueueObserver {
  added(key: string): void;
  retried(): void;
  taken(key: string): void;
  done(key: string): void;
  /** The key will not be taken: the queue has stopped. */
  dropped(key: string): void;
}

export interface Work {
  readonly key: string;
  readonly priority: Priority;
}

interface Waiting {
  readonly priority: Priority;
  readonly order: number;
}

/**
 * A queue of keys, here the names of namespaces, for several workers. All methods may be called at any time, and none
 * throws.
 *
 * A key waits at most once, however often it is added: the most urgent priority counts, and of several due times the
 * earliest. At most one worker has a key, from `take` until its `done`. A key that is added in between is given out again
 * afterwards, so no change is missed. `take` also cancels the key's due time, because the work that begins now decides
 * again when the key comes back. Every worker must call `done` for what it took, also after a failure; otherwise the key is
 * never given out again.
 *
 * Nothing is stored: after a crash, the next leader begins with a sweep. After `stop`, nothing is taken in or given out.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observer: QueueObserver;
  /** Keys ready for work, in order of arrival within a priority. A key is in at most one of the maps. */
  readonly #ready = new Map<Priority, Map<string, Waiting>>(
    PRIORITIES.map((priority) => [priority, new Map()]),
  );
  readonly #delayed = new DelayedKeys<Priority>();
  readonly #processing = new Set<string>();
  /** Keys that were added while they are worked on; they become ready when that work is done. */
  readonly #again = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((work: Work | undefined) => void)[] = [];
  #arrivals = 0;
  #takes = 0;
  #lastSeenMs = 0;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #isStopped = false;

  constructor(clock: Clock, random: Random, observer: QueueObserver) {
    this.#clock = clock;
    this.#random = random;
    this.#observer = observer;
  }

  /** Requeues the key now. */
  add(key: string, priority: Priority): void {
    if (this.#isStopped) return;
    if (this.#processing.has(key)) {
      this.#again.set(key, moreUrgent(this.#again.get(key), priority));
      return;
    }
    const waiting = this.#find(key);
    if (waiting !== undefined && rank(waiting) <= rank(priority)) return;
    if (waiting !== undefined) this.#ready.get(waiting)?.delete(key);
    this.#ready.get(priority)?.set(key, { priority, order: (this.#arrivals += 1) });
    if (waiting === undefined) this.#observer.added(key);
    this.#serve();
  }

  /** Requeues the key at `at`, or now if that is past. */
  addAt(key: string, at: Date, priority: Priority): void {
    if (this.#isStopped) return;
    this.#delayed.set(key, at, priority);
    this.#schedule();
  }

  /** Requeues the key with growing delay, up to a minute. Returns when that is. */
  retry(key: string, priority: Priority): Date {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#observer.retried();
    const delayMs = backoffMs(failures, BACKOFF, this.#random);
    const at = new Date(this.#clock.now().getTime() + delayMs);
    this.addAt(key, at, priority);
    return at;
  }

  /** The key has succeeded: its next `retry` has a short delay again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Waits for the next key; `undefined` once the queue is stopped. */
  take(): Promise<Work | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  /** To be called once for each key that was taken, when the work on it has ended. */
  done(key: string): void {
    this.#processing.delete(key);
    this.#observer.done(key);
    const priority = this.#again.get(key);
    this.#again.delete(key);
    if (priority !== undefined) this.add(key, priority);
  }

  /** Releases every waiting worker with `undefined` and drops what is ready. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
    for (const keys of this.#ready.values()) {
      for (const key of keys.keys()) this.#observer.dropped(key);
      keys.clear();
    }
  }

  #serve(): void {
    while (this.#takers.length > 0) {
      const work = this.#next();
      if (work === undefined) return;
      this.#ready.get(work.priority)?.delete(work.key);
      // The work that begins now decides again what was planned for later.
      this.#delayed.delete(work.key);
      this.#processing.add(work.key);
      this.#observer.taken(work.key);
      this.#takers.shift()?.({ key: work.key, priority: work.priority });
    }
  }

  #next(): (Work & Waiting) | undefined {
    const heads = PRIORITIES.flatMap((priority) => {
      const [head] = this.#ready.get(priority) ?? [];
      return head === undefined ? [] : [{ key: head[0], priority, order: head[1].order }];
    });
    this.#takes += 1;
    const isFairTake = this.#takes % FAIR_TAKE_EVERY === 0;
    return isFairTake ? heads.sort((a, b) => a.order - b.order)[0] : heads[0];
  }

  #find(key: string): Priority | undefined {
    return PRIORITIES.find((priority) => this.#ready.get(priority)?.has(key) === true);
  }

  /** One timer for all delays, never longer than a tick. One that fires early does no harm. */
  #schedule(): void {
    if (this.#isStopped) return;
    const nowMs = this.#clock.now().getTime();
    this.#noticeSetBack(nowMs);
    const dueAt = this.#delayed.firstAt();
    if (dueAt === undefined) return;
    const delayMs = Math.min(TICK_MS, Math.max(0, dueAt.getTime() - nowMs));
    const atMs = nowMs + delayMs;
    // A timer that has not fired although its time is past was set before the clock was put forward.
    if (this.#timer !== undefined && this.#timer.atMs <= atMs && this.#timer.atMs >= nowMs) return;
    this.#timer?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#release(this.#delayed.takeDue(this.#clock.now()));
      this.#schedule();
    });
    this.#timer = { atMs, cancel };
  }

  /** Due times from before the clock was set back mean nothing now: requeues every key, whose work decides again. */
  #noticeSetBack(nowMs: number): void {
    const wasSetBack = nowMs < this.#lastSeenMs - CLOCK_TOLERANCE_MS;
    this.#lastSeenMs = nowMs;
    if (wasSetBack) this.#release(this.#delayed.takeAll());
  }

  #release(due: readonly { readonly key: string; readonly tag: Priority }[]): void {
    for (const { key, tag } of due) this.add(key, tag);
  }
}

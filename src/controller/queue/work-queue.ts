/**
 * The keyed work queue: a key waits at most once, is worked on by one worker at a time, and of several times asked for
 * the earliest wins. Due times are wall-clock times, looked at every 15 seconds at least, so that a suspended machine
 * or a jumped clock catches up at once.
 */
import { DelayedKeys } from './delayed-keys.ts';
import { backoffMs } from '../../base/backoff.ts';
import type { Clock, Random } from '../../base/clock.ts';

/** Most urgent first: somebody waits for a new namespace, nobody for a sweep. */
const PRIORITIES = ['new', 'repair', 'rotation', 'sweep'] as const;
export type Priority = (typeof PRIORITIES)[number];

const TICK_MS = 15_000;
/** A clock that goes back by more was set, and every due time is from before that. */
const CLOCK_TOLERANCE_MS = 1_000;
const BACKOFF = { firstMs: 100, longestMs: 60_000, jitter: 0.5 };
/** Every so many takes the longest waiting key goes first, whatever its priority: nothing starves under a flood. */
const FAIR_TAKE_EVERY = 8;

/** Hears what happens to each key. Must not throw. */
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

export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observer: QueueObserver;
  /** Keys ready for work, in order of arrival within a priority. A key stands in at most one of them. */
  readonly #ready = new Map<Priority, Map<string, Waiting>>(
    PRIORITIES.map((priority) => [priority, new Map()]),
  );
  readonly #delayed = new DelayedKeys<Priority>();
  readonly #processing = new Set<string>();
  /** Keys asked for while they are being worked on; they become ready when that work is done. */
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

  /** Asks for a look at the key as soon as a worker is free. */
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

  /** Asks for a look at `at`, or now if that is past. */
  addAt(key: string, at: Date, priority: Priority): void {
    if (this.#isStopped) return;
    this.#delayed.set(key, at, priority);
    this.#schedule();
  }

  /** Asks for another look after a failure: later each time, up to a minute. Answers when. */
  retry(key: string, priority: Priority): Date {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#observer.retried();
    const delayMs = backoffMs(failures, BACKOFF, this.#random);
    const at = new Date(this.#clock.now().getTime() + delayMs);
    this.addAt(key, at, priority);
    return at;
  }

  /** The key is well again: its next failure starts with a short delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Waits for the next key; `undefined` once the queue is stopped. The worker calls `done` when it is finished. */
  take(): Promise<Work | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#serve();
    });
  }

  done(key: string): void {
    this.#processing.delete(key);
    this.#observer.done(key);
    const priority = this.#again.get(key);
    this.#again.delete(key);
    if (priority !== undefined) this.add(key, priority);
  }

  /** Lets every waiting worker go; nothing more is given out. */
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
      // What was planned for later is decided anew by the look that is taken now.
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

  /** One timer for all delays, never longer than a tick. One that comes earlier than it must is as good. */
  #schedule(): void {
    if (this.#isStopped) return;
    const nowMs = this.#clock.now().getTime();
    this.#noticeSetBack(nowMs);
    const dueAt = this.#delayed.firstAt();
    if (dueAt === undefined) return;
    const delayMs = Math.min(TICK_MS, Math.max(0, dueAt.getTime() - nowMs));
    const atMs = nowMs + delayMs;
    // A timer whose time is past and that has not come belongs to a clock that was set forward.
    if (this.#timer !== undefined && this.#timer.atMs <= atMs && this.#timer.atMs >= nowMs) return;
    this.#timer?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#release(this.#delayed.takeDue(this.#clock.now()));
      this.#schedule();
    });
    this.#timer = { atMs, cancel };
  }

  /** Nobody waits for the old time to come again: each key is looked at now, which decides anew. */
  #noticeSetBack(nowMs: number): void {
    const wasSetBack = nowMs < this.#lastSeenMs - CLOCK_TOLERANCE_MS;
    this.#lastSeenMs = nowMs;
    if (wasSetBack) this.#release(this.#delayed.takeAll());
  }

  #release(due: readonly { readonly key: string; readonly tag: Priority }[]): void {
    for (const { key, tag } of due) this.add(key, tag);
  }
}

function rank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

function moreUrgent(a: Priority | undefined, b: Priority): Priority {
  return a !== undefined && rank(a) <= rank(b) ? a : b;
}

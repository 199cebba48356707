/**
 * The keyed work queue, after client-go. Due times are wall-clock times and are checked at least every 15 seconds, so that
 * a suspended machine, or one whose clock was set, catches up soon.
 */
import { DelayedKeys } from './delayed-keys.ts';
import { backoffMs } from '../../base/backoff.ts';
import type { Clock, Random } from '../../base/clock.ts';
import { LANES, type Lane } from '../../base/lane.ts';
import { moreUrgent, type Priority, rank } from './priority.ts';
import { ReadyQueue, type Work } from './ready-queue.ts';
import { SlowKeys } from './slow-keys.ts';

const TICK_MS = 15_000;
/** A clock that goes back by more than this was set, and all due times are from before that. */
const CLOCK_TOLERANCE_MS = 1_000;
const BACKOFF = { firstMs: 100, longestMs: 60_000, jitter: 0.5 };
/** While this many keys wait as `new`, further ones are a crowd: it stands behind those who come alone. */
const CROWD_FROM = 8;

/** Is notified of what happens to each key. Must not throw. */
export interface QueueObserver {
  added(key: string): void;
  retried(): void;
  taken(key: string): void;
  done(key: string): void;
  /** The key will not be taken: the queue has stopped. */
  dropped(key: string): void;
}

interface Taker {
  readonly lanes: readonly Lane[];
  readonly resolve: (work: Work | undefined) => void;
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
 * A key that was reported as slow waits in a lane of its own, whatever it is added for, until it is reported well. Of a
 * crowd the newest goes first: who came with the crowd waits for a part of it in any case, who comes after it does not.
 *
 * Nothing is stored: after a crash, the next leader begins with a sweep. After `stop`, nothing is taken in or given out.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observer: QueueObserver;
  readonly #promote: (key: string, priority: Priority) => Priority;
  readonly #ready = new ReadyQueue();
  readonly #slow = new SlowKeys();
  readonly #delayed = new DelayedKeys<Priority>();
  /** The keys that are worked on, and when that began, as `SlowKeys` counts time. */
  readonly #processing = new Map<string, number>();
  /** Keys that were added while they are worked on; they become ready when that work is done. */
  readonly #again = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();
  #takers: Taker[] = [];
  #lastSeenMs = 0;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #isStopped = false;

  /** `promote` may find a key more urgent than it was added for. */
  constructor(
    clock: Clock,
    random: Random,
    observer: QueueObserver,
    promote: (key: string, priority: Priority) => Priority = (_key, priority) => priority,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#observer = observer;
    this.#promote = promote;
  }

  /** Requeues the key now. */
  add(key: string, priority: Priority): void {
    if (this.#isStopped) return;
    if (this.#processing.has(key)) {
      this.#again.set(key, moreUrgent(this.#again.get(key), priority));
      return;
    }
    const waiting = this.#ready.priorityOf(key);
    if (waiting !== undefined && rank(waiting) <= rank(priority)) return;
    this.#put(key, waiting, this.#placeFor(key, priority));
  }

  /** Requeues the key when its work has ended, no more urgently than this, whatever it was added for in the meantime. */
  postpone(key: string, priority: Priority): void {
    this.#again.set(key, priority);
  }

  /** Its work has failed for this cause. If it fails again, it waits among the slow from then on. */
  failed(key: string, cause: string): void {
    this.#slow.fail(key, cause);
  }

  /** Its work took so long that it waits among the slow from now on. */
  hung(key: string, cause: string): void {
    this.#slow.mark(key, cause);
  }

  /** Its work has succeeded: whatever is slow for the same cause need not wait for its delay any more. */
  succeeded(key: string): void {
    for (const other of this.#slow.heal(key)) {
      if (this.#delayed.has(other)) this.add(other, 'slow');
    }
  }

  /** Requeues the key at `at`, or now if that is past. */
  addAt(key: string, at: Date, priority: Priority): void {
    if (this.#isStopped) return;
    this.#delayed.set(key, at, priority);
    this.#schedule();
  }

  /** Requeues the key with growing delay, up to a minute. Returns when that is. */
  retry(key: string, priority: Priority): Date {
    // Work that began before the cause was over proves nothing: it is repeated soon.
    if (this.#slow.isOverSince(key, this.#processing.get(key) ?? 0)) this.forget(key);
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

  /** Waits for the next key of these lanes; `undefined` once the queue is stopped. */
  take(lanes: readonly Lane[] = LANES): Promise<Work | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#takers.push({ lanes, resolve });
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

  /** The keys that are ready for work but have no worker, those of the most urgent priority first. */
  waiting(): Iterable<string> {
    return this.#ready.keys();
  }

  /** Releases every waiting worker with `undefined` and drops what is ready. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    for (const { resolve } of this.#takers.splice(0)) resolve(undefined);
    for (const key of this.#ready.keys()) this.#observer.dropped(key);
    this.#ready.clear();
  }

  #placeFor(key: string, priority: Priority): Priority {
    if (this.#slow.has(key)) return 'slow';
    const promoted = this.#promote(key, priority);
    const isCrowd = promoted === 'new' && this.#ready.count('new') >= CROWD_FROM;
    return isCrowd ? 'crowd' : promoted;
  }

  #put(key: string, from: Priority | undefined, to: Priority): void {
    if (from !== undefined && rank(from) <= rank(to)) return;
    this.#ready.add(key, to);
    if (from === undefined) this.#observer.added(key);
    this.#serve();
  }

  #serve(): void {
    // Those who wait for the same lanes are equal, so only the first of them needs to be asked.
    const asked = new Set<readonly Lane[]>();
    for (const taker of this.#takers) {
      if (asked.has(taker.lanes)) continue;
      asked.add(taker.lanes);
      const work = this.#ready.next(taker.lanes);
      if (work === undefined) continue;
      this.#takers = this.#takers.filter((other) => other !== taker);
      this.#ready.delete(work.key);
      // The work that begins now decides again what was planned for later.
      this.#delayed.delete(work.key);
      this.#processing.set(work.key, this.#slow.now);
      this.#observer.taken(work.key);
      taker.resolve(work);
      return this.#serve();
    }
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

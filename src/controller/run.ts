/** One pass under way: what it may still begin, and when it counts as slow. */
import type { Clock } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';
import type { Lane } from '../base/lane.ts';
import { TransientError } from '../domain/errors.ts';
import { CONCURRENT_SLOW_STEPS } from './pass/apply-steps.ts';
import type { Pass } from './pass/reconcile-context.ts';
import { laneOf, type Priority } from './queue/priority.ts';
import type { SlowSlots } from './slow-slots.ts';

/** A pass whose first request was sent this long ago is slow: what it waits for before says nothing about its namespace. */
const SLOW_AFTER_MS = 1000;
/** After this time, one of a crowd gives up its first try if others are known to hang. */
const FIRST_TRY_MS = 100;
/** That many requests of slow passes are no accident. */
const HANGING_FROM = 8;
/** After this time a pass begins no more steps, so that others get its place. */
const BEGINS_FOR_MS = 500;

interface RunParts {
  readonly clock: Clock;
  readonly priority: Priority;
  readonly slots: SlowSlots;
  /** Of all passes of the term. */
  readonly parent: AbortSignal;
  readonly requeue: () => void;
}

/**
 * A run that becomes slow gives its place back and goes on in the slots for slow ones. If there is no room, it is
 * aborted: its namespace gets its turn among the slow.
 *
 * Where a crowd hangs, each of it would hold a place for a second before those behind it are tried. So its first try is a
 * short one, and whoever does not succeed in it is tried again after the crowd. Every run must be ended by `end`.
 */
export class Run implements Pass {
  readonly requeue: () => void;
  readonly #clock: Clock;
  readonly #slots: SlowSlots;
  readonly #deadline: Deadline;
  readonly #startedMs: number;
  readonly #isFirstTry: boolean;
  #sentMs: number | undefined;
  readonly #becameSlow = Promise.withResolvers<void>();
  #cancelTimer: () => void = () => undefined;
  #lane: Lane;
  #steps = 0;
  #slotsHeld = 0;
  #isCutShort = false;

  /** A run of the lane `slow` must have been given its slots: `SLOW_RUN_SLOTS`. */
  constructor({ clock, priority, slots, parent, requeue }: RunParts) {
    this.#clock = clock;
    this.#lane = laneOf(priority);
    this.#slots = slots;
    this.#slotsHeld = priority === 'slow' ? SLOW_RUN_SLOTS : 0;
    this.#deadline = new Deadline(clock, { parent });
    this.#startedMs = clock.monotonicMs();
    this.#isFirstTry = priority === 'crowd';
    this.requeue = requeue;
  }

  get lane(): Lane {
    return this.#lane;
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }

  get mayBegin(): boolean {
    return !this.signal.aborted && this.#elapsedMs < BEGINS_FOR_MS;
  }

  /** Whether the API server has taken longer than it should. */
  get isSlow(): boolean {
    const nowMs = this.#clock.monotonicMs();
    return this.#sentMs !== undefined && nowMs - this.#sentMs >= SLOW_AFTER_MS;
  }

  /** Whether it has given up its first try; nothing is known of its namespace then. */
  get isCutShort(): boolean {
    return this.#isCutShort;
  }

  /** Resolves when the run has left its place to others. */
  get becameSlow(): Promise<void> {
    return this.#becameSlow.promise;
  }

  readonly inFlight = async <T>(step: () => Promise<T>): Promise<T> => {
    this.#steps += 1;
    try {
      return await step();
    } finally {
      this.#steps -= 1;
    }
  };

  readonly sent = (): void => {
    if (this.#sentMs !== undefined) return;
    this.#sentMs = this.#clock.monotonicMs();
    if (this.#lane === 'slow') return;
    if (this.#isFirstTry) this.#after(FIRST_TRY_MS, () => this.#endFirstTry());
    else this.#after(SLOW_AFTER_MS, () => this.#slowDown());
  };

  end(): void {
    this.#cancelTimer();
    this.#deadline.release();
    this.#slots.release(this.#slotsHeld);
  }

  get #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
  }

  #after(ms: number, act: () => void): void {
    this.#cancelTimer = this.#clock.after(ms, act);
  }

  #endFirstTry(): void {
    if (this.#slots.taken < HANGING_FROM) {
      this.#after(SLOW_AFTER_MS - FIRST_TRY_MS, () => this.#slowDown());
      return;
    }
    this.#isCutShort = true;
    const message =
      'waiting for the API server: others hang, so this namespace is tried again later';
    this.#deadline.end(new TransientError(message, { code: 'CUT_SHORT' }));
  }

  #slowDown(): void {
    const needed = Math.max(1, this.#steps);
    if (!this.#slots.tryTake(needed)) {
      const message = 'waiting for the API server: too many slow requests at the same time';
      this.#deadline.end(new TransientError(message, { code: 'TOO_MANY_SLOW' }));
      return;
    }
    this.#slotsHeld = needed;
    this.#lane = 'slow';
    this.#becameSlow.resolve();
  }
}

export const SLOW_RUN_SLOTS = CONCURRENT_SLOW_STEPS;

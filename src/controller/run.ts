/** One pass under way: what it may still begin, and when it counts as slow. */
import type { Clock } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';
import type { Lane } from '../base/lane.ts';
import { TransientError } from '../domain/errors.ts';
import { CONCURRENT_SLOW_STEPS } from './pass/apply-steps.ts';
import type { Pass } from './pass/reconcile-context.ts';
import type { SlowSlots } from './slow-slots.ts';

/** A pass whose first request was sent this long ago is slow: what it waits for before says nothing about its namespace. */
const SLOW_AFTER_MS = 1000;
/** After this time a pass begins no more steps, so that others get its place. */
const BEGINS_FOR_MS = 500;

interface RunParts {
  readonly clock: Clock;
  readonly lane: Lane;
  readonly slots: SlowSlots;
  /** Of all passes of the term. */
  readonly parent: AbortSignal;
  readonly requeue: () => void;
}

/**
 * A run that becomes slow gives its place back and goes on in the slots for slow ones. If there is no room, it is
 * aborted: its namespace gets its turn among the slow. Every run must be ended by `end`.
 */
export class Run implements Pass {
  readonly requeue: () => void;
  readonly #clock: Clock;
  readonly #slots: SlowSlots;
  readonly #deadline: Deadline;
  readonly #startedMs: number;
  #sentMs: number | undefined;
  readonly #becameSlow = Promise.withResolvers<void>();
  #cancelTimer: () => void = () => undefined;
  #lane: Lane;
  #steps = 0;
  #slotsHeld = 0;

  /** A run of the lane `slow` must have been given its slots: `SLOW_RUN_SLOTS`. */
  constructor({ clock, lane, slots, parent, requeue }: RunParts) {
    this.#clock = clock;
    this.#lane = lane;
    this.#slots = slots;
    this.#slotsHeld = lane === 'slow' ? SLOW_RUN_SLOTS : 0;
    this.#deadline = new Deadline(clock, { parent });
    this.#startedMs = clock.monotonicMs();
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
    this.#cancelTimer = this.#clock.after(SLOW_AFTER_MS, () => this.#slowDown());
  };

  end(): void {
    this.#cancelTimer();
    this.#deadline.release();
    this.#slots.release(this.#slotsHeld);
  }

  get #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startedMs;
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

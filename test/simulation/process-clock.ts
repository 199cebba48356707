/** The clock of one machine: timers go by the time that passes, the wall clock may be wrong and be set. */
import type { Clock } from '../../src/base/clock.ts';
import type { EventOwner, Scheduler } from './scheduler.ts';

/** What the right clock says when a run begins. */
export const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z');

export class ProcessClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #owner: EventOwner | undefined;
  /** How far the wall clock is ahead of the right time. */
  #skewMs: number;

  /** Timers of an owner that is dead never come, those of a paused one when it goes on. */
  constructor(scheduler: Scheduler, owner?: EventOwner, skewMs = 0) {
    this.#scheduler = scheduler;
    this.#owner = owner;
    this.#skewMs = skewMs;
  }

  now(): Date {
    return new Date(this.nowMs);
  }

  get nowMs(): number {
    return EPOCH_MS + Math.floor(this.#scheduler.nowMs) + this.#skewMs;
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  /** No timer moves with it. */
  set skewMs(ms: number) {
    this.#skewMs = ms;
  }

  /** Since the start of the run: never goes back, whatever the wall clock does. */
  monotonicMs(): number {
    return this.#scheduler.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#scheduler.after(delayMs, callback, this.#owner);
  }
}

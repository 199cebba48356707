/** The clock of one machine: timers go by the time that passes, the wall clock may be wrong and be set. */
import type { Clock } from '../../src/base/clock.ts';
import type { TimerOwner } from '../../src/simulator/timer-heap.ts';
import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';

export class ProcessClock implements Clock {
  /** How far the wall clock is ahead of the right time: no timer moves with it. */
  skewMs = 0;
  readonly #time: VirtualClock;
  readonly #owner: TimerOwner;

  constructor(time: VirtualClock, owner: TimerOwner) {
    this.#time = time;
    this.#owner = owner;
  }

  now(): Date {
    return new Date(this.#time.now().getTime() + this.skewMs);
  }

  monotonicMs(): number {
    return this.#time.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#time.after(delayMs, callback, this.#owner);
  }
}

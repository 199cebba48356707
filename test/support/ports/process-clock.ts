/** The clock of one process: its timers stop or wait with the process, and its wall clock may be wrong and be changed. */
import type { Clock } from '../../../src/base/clock.ts';
import type { TimerOwner } from '../../../simulator/ground/timer-heap.ts';
import type { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

export class ProcessClock implements Clock, TimerOwner {
  /** How far the wall clock is ahead of the right time; timers are not affected. */
  skewMs = 0;
  isDead = false;
  readonly #time: VirtualClock;
  #isPaused = false;
  #held: (() => void)[] = [];

  constructor(time: VirtualClock) {
    this.#time = time;
  }

  now(): Date {
    return new Date(this.#time.now().getTime() + this.skewMs);
  }

  monotonicMs(): number {
    return this.#time.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#time.after(delayMs, callback, this);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** SIGSTOP: no timer runs. */
  pause(): void {
    this.#isPaused = true;
  }

  /** SIGCONT: timers that were due meanwhile run next. */
  resume(): void {
    this.#isPaused = false;
    for (const release of this.#held.splice(0)) release();
  }

  hold(release: () => void): void {
    this.#held.push(release);
  }
}

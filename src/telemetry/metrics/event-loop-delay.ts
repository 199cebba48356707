/** The longest time that something had to wait for the event loop within the last minute, however often it is asked. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../base/clock.ts';

/** Of the timer whose delays are measured: half of it costs twice the CPU, and this is a fifth of a per cent of a core. */
const TIMER_MS = 20;
const SLOT_MS = 15_000;
/** Complete ones: with the current one they hold at least a minute. */
const SLOTS = 4;

/** The part of Node's histogram that is used. */
export interface Intervals {
  /** In nanoseconds, between two calls of the timer. */
  readonly max: number;
  reset(): void;
}

export class EventLoopDelay {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #intervals: Intervals;
  #slots: readonly number[] = [];

  constructor(clock: Pick<Clock, 'after'>, intervals: Intervals = measure()) {
    this.#clock = clock;
    this.#intervals = intervals;
    this.#nextSlot();
  }

  get longestMs(): number {
    return Math.max(...this.#slots, this.#currentMs());
  }

  #currentMs(): number {
    return Math.max(0, this.#intervals.max / 1e6 - TIMER_MS);
  }

  #nextSlot(): void {
    this.#clock.after(SLOT_MS, () => {
      this.#slots = [...this.#slots, this.#currentMs()].slice(-SLOTS);
      this.#intervals.reset();
      this.#nextSlot();
    });
  }
}

function measure(): Intervals {
  const histogram = monitorEventLoopDelay({ resolution: TIMER_MS });
  histogram.enable();
  return histogram;
}

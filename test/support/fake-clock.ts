/** A clock that moves only when the test says so. */
import type { Clock } from '../../src/base/clock.ts';

interface Timer {
  readonly dueAtMs: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  /** Time since the start: what timers go by, as in Node, where a jump of the wall clock does not move them. */
  #elapsedMs = 0;
  #wallStartMs: number;
  readonly #timers = new Set<Timer>();

  constructor(start = new Date('2026-01-01T00:00:00Z')) {
    this.#wallStartMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#wallStartMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueAtMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many timers wait: zero after everything has stopped, if nothing leaks. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass: runs what falls due in order, and after each lets promises settle, so that new timers count too. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settle();
    for (let timer = this.#next(endMs); timer !== undefined; timer = this.#next(endMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueAtMs);
      timer.callback();
      await settle();
    }
    this.#elapsedMs = endMs;
  }

  /** Time passes for a process that stands still (SIGSTOP): what falls due meanwhile runs with the next `advance`. */
  stall(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Sets the wall clock forward (or back), as an administrator or NTP does: no timer runs. */
  jump(ms: number): void {
    this.#wallStartMs += ms;
  }

  /** The earliest due by then; of equals the one that was set first. */
  #next(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAtMs > endMs) continue;
      if (next === undefined || timer.dueAtMs < next.dueAtMs) next = timer;
    }
    return next;
  }
}

/** Runs every callback and promise that is ready now, and what follows from them without I/O. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

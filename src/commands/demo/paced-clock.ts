/** A clock whose time goes as fast as the story wants: timers run in their order, and each gets its turn before the next. */
import { setTimeout as pause } from 'node:timers/promises';

interface Timer {
  readonly dueAtMs: number;
  readonly callback: () => void;
}

const FRAME_MS = 10;
/** Turns of the event loop in which what a timer has begun comes to rest; a mint by the SDK in this process takes one. */
const TURNS = 3;

/** Fits the controller's `Clock` and the simulator's. */
export class PacedClock {
  readonly #startMs: number;
  /** Callbacks in order of time, of equals in order of arrival. */
  readonly #timers: Timer[] = [];
  #elapsedMs = 0;
  /** Story time for each ms of real time, and until when. */
  #pace = 1;
  #paceEndsAtMs = Infinity;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(start: Date) {
    this.#startMs = start.getTime();
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueAtMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    const index = this.#timers.findIndex(({ dueAtMs }) => dueAtMs > timer.dueAtMs);
    this.#timers.splice(index < 0 ? this.#timers.length : index, 0, timer);
    return () => {
      const found = this.#timers.indexOf(timer);
      if (found >= 0) this.#timers.splice(found, 1);
    };
  }

  /** From now on time passes, as real time does. */
  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /**
   * Lets so much time pass in `realMs`, a frame after the other, then goes on at the pace of real time. Throws an Error
   * once the clock is stopped: who waits for a time must not wait in a loop.
   */
  async pass(ms: number, realMs: number, onFrame: () => Promise<void>): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    this.#pace = ms / realMs;
    this.#paceEndsAtMs = endMs;
    while (this.#elapsedMs < endMs && !this.#isStopped) {
      await pause(FRAME_MS);
      await onFrame();
    }
    if (this.#isStopped) throw new Error('the clock is stopped');
  }

  async #run(): Promise<void> {
    let seenMs = performance.now();
    while (!this.#isStopped) {
      await pause(FRAME_MS);
      const nowMs = performance.now();
      // Time that was held up is not made up for: the next frame is as long as any other.
      const realMs = Math.min(nowMs - seenMs, 4 * FRAME_MS);
      seenMs = nowMs;
      await this.#advance(Math.min(realMs * this.#pace, this.#paceEndsAtMs - this.#elapsedMs));
      if (this.#elapsedMs < this.#paceEndsAtMs) continue;
      this.#pace = 1;
      this.#paceEndsAtMs = Infinity;
    }
  }

  async #advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    while (!this.#isStopped) {
      await this.#settle();
      const [next] = this.#timers;
      if (next === undefined || next.dueAtMs > endMs) break;
      this.#timers.shift();
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueAtMs);
      next.callback();
    }
    this.#elapsedMs = endMs;
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
  }
}

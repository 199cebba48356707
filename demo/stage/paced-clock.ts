/** A clock whose time passes as fast as the story needs. */
import { setTimeout as pause } from 'node:timers/promises';
import { VirtualClock } from '../../simulator/ground/virtual-clock.ts';

const FRAME_MS = 10;

export class PacedClock extends VirtualClock {
  /** Story time per ms of real time, and until when. */
  #pace = 1;
  #paceEndsAtMs = Infinity;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  /** From now on time passes, at the pace of real time. */
  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /**
   * Lets `ms` pass within `realMs`, frame by frame, then continues at the pace of real time. Throws an Error once the
   * clock is stopped: otherwise callers would loop, waiting for a time that never comes.
   */
  async pass(ms: number, realMs: number, onFrame: () => Promise<void>): Promise<void> {
    const endMs = this.monotonicMs() + ms;
    this.#pace = ms / realMs;
    this.#paceEndsAtMs = endMs;
    while (this.monotonicMs() < endMs && !this.#isStopped) {
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
      // Delays are not made up for: one step covers at most four frames.
      const realMs = Math.min(nowMs - seenMs, 4 * FRAME_MS);
      seenMs = nowMs;
      const endMs = Math.min(this.monotonicMs() + realMs * this.#pace, this.#paceEndsAtMs);
      while (!this.#isStopped && (await this.step(endMs))) continue;
      if (this.monotonicMs() < this.#paceEndsAtMs) continue;
      this.#pace = 1;
      this.#paceEndsAtMs = Infinity;
    }
  }
}

/** A clock whose time goes as fast as the story wants. */
import { setTimeout as pause } from 'node:timers/promises';
import { VirtualClock } from '../../simulator/ground/virtual-clock.ts';

const FRAME_MS = 10;

export class PacedClock extends VirtualClock {
  /** Story time for each ms of real time, and until when. */
  #pace = 1;
  #paceEndsAtMs = Infinity;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

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
      // Time that was held up is not made up for: the next frame is as long as any other.
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

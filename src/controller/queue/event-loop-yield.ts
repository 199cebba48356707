/** Keeps thousands of passes that never wait from blocking the rest of the process: probes, watches, timers. */

/** About 20 ms of work. */
const PASSES_PER_TURN = 500;

export class EventLoopYield {
  #passes = 0;
  #next: Promise<void> | undefined;

  /** To be called after each pass. Resolves at once, or for all workers together in the next turn of the event loop. */
  async afterPass(): Promise<void> {
    this.#passes += 1;
    if (this.#passes >= PASSES_PER_TURN) {
      this.#passes = 0;
      this.#next = new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    await this.#next;
  }
}

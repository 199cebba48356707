/** An abort signal with a time limit that can be set anew: for whole requests, and for silence on a watch. */
import type { Clock } from '../base/clock.ts';

/**
 * Its signal aborts when `parent` does, when the time is up (then `expired` is true) or on `end()`. Call `end()` when
 * done, or `release()` when all that was waited for has come: either frees the timer and leaves nothing behind on the
 * parent, which may live as long as the process.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #parent: AbortSignal;
  readonly #controller = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #expired = false;

  constructor(clock: Clock, parent: AbortSignal, limitMs: number) {
    this.#clock = clock;
    this.#parent = parent;
    if (parent.aborted) {
      this.#controller.abort(parent.reason);
      return;
    }
    parent.addEventListener('abort', this.#onParentAbort, { once: true });
    this.restart(limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get expired(): boolean {
    return this.#expired;
  }

  /** The time runs anew from now. Does nothing after the end. */
  restart(limitMs: number): void {
    if (this.signal.aborted) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(limitMs, () => {
      this.#expired = true;
      this.end();
    });
  }

  end(reason?: unknown): void {
    this.release();
    this.#controller.abort(reason);
  }

  /** Without an abort, which costs an error with its stack and would find nobody to stop. */
  release(): void {
    this.#cancelTimer();
    this.#parent.removeEventListener('abort', this.#onParentAbort);
  }

  readonly #onParentAbort = (): void => {
    this.end(this.#parent.reason);
  };
}

/** Limits on waiting: for work that obeys a signal, and for work that can't be stopped. */
import type { Clock } from './clock.ts';

interface DeadlineOptions {
  /** Counted from now. Without it there is no limit until `restart`. */
  readonly limitMs?: number;
  /** Its abort is passed on, with its reason. */
  readonly parent?: AbortSignal | undefined;
  /** What the signal aborts with once the time is up; an `AbortError` unless given. */
  readonly timeoutError?: () => Error;
}

/**
 * Its signal aborts when `parent` does, when the time is up (then `expired` is true) or on `end()`. Call `end()` when
 * done, or `release()` if all that was waited for has come. Either frees the timer and removes the listener from the
 * parent, which may live as long as the process.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #parent: AbortSignal | undefined;
  readonly #timeoutError: (() => Error) | undefined;
  readonly #controller = new AbortController();
  #cancelTimer: () => void = () => undefined;
  #expired = false;

  constructor(clock: Clock, { limitMs, parent, timeoutError }: DeadlineOptions = {}) {
    this.#clock = clock;
    this.#parent = parent;
    this.#timeoutError = timeoutError;
    if (parent?.aborted === true) {
      this.#controller.abort(parent.reason);
      return;
    }
    parent?.addEventListener('abort', this.#onParentAbort, { once: true });
    if (limitMs !== undefined) this.restart(limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time was up before anything else ended it. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Starts the time again from now. Does nothing once the signal is aborted. */
  restart(limitMs: number): void {
    if (this.signal.aborted) return;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(limitMs, () => {
      this.#expired = true;
      this.end(this.#timeoutError?.());
    });
  }

  /** Aborts the signal. */
  end(reason?: unknown): void {
    this.release();
    this.#controller.abort(reason);
  }

  /** Does not abort: that costs an error with a stack, and there is nothing left to stop. */
  release(): void {
    this.#cancelTimer();
    this.#parent?.removeEventListener('abort', this.#onParentAbort);
  }

  readonly #onParentAbort = (): void => {
    this.end(this.#parent?.reason);
  };
}

/**
 * Resolves or rejects as `work` does, within `limitMs`: after that it rejects with a `TimeoutError` (the AWS SDK's name for
 * it), and with the parent's reason as soon as that aborts, whether `work` obeys its signal or not. The signal is aborted
 * once nobody waits any more, also after an answer.
 */
export async function withDeadline<T>(
  clock: Clock,
  options: DeadlineOptions & { readonly limitMs: number },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(clock, { timeoutError: noAnswerInTime, ...options });
  try {
    return await unlessAborted(work(deadline.signal), deadline.signal);
  } finally {
    deadline.end();
  }
}

function noAnswerInTime(): Error {
  return Object.assign(new Error('no response in time'), { name: 'TimeoutError' });
}

/**
 * The promise's outcome, or a rejection with `abortedError()` (the signal's reason unless given) as soon as the signal
 * is aborted. The promise itself goes on, because others may wait for it too.
 */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  abortedError: () => Error = () => signal.reason as Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortedError());
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

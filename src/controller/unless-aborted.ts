/** Waiting for something that others also wait for, or that does not know how to stop. */

/** The promise's outcome, or `abortedError()` as soon as the signal is aborted; the promise itself goes on. */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  abortedError: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortedError());
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

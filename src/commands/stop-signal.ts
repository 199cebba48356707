/** SIGTERM and SIGINT: the first requests a graceful stop, a later one ends the process. */

export interface StopSignal {
  /** Aborted when the stop is requested. */
  readonly signal: AbortSignal;
  /** Resolves at the same time. */
  readonly asked: Promise<void>;
  /** From now on, the first signal ends the process. */
  forget(): void;
}

/** If npm started us, one press of Ctrl-C arrives twice: from the terminal, and forwarded by npm. */
const ECHO_MS = 1_000;

/** `others`: further signals that request a stop. */
export function stopSignal(...others: readonly NodeJS.Signals[]): StopSignal {
  const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', ...others];
  const abort = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const forget = (): void => {
    for (const signal of signals) process.off(signal, stop);
  };
  function stop(): void {
    if (abort.signal.aborted) return;
    abort.abort();
    resolve();
    setTimeout(forget, ECHO_MS).unref();
  }
  for (const signal of signals) process.on(signal, stop);
  return { signal: abort.signal, asked, forget };
}

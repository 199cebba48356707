/** SIGTERM and SIGINT: the first asks for a stop in good order, a later one ends the process. */

export interface StopSignal {
  /** Aborted when the stop is asked for. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly asked: Promise<void>;
  /** From now on the first one ends the process. */
  forget(): void;
}

/** One press of Ctrl-C comes twice where npm started us: from the terminal, and passed on by npm. */
const ECHO_MS = 1_000;

/** `others` ask for a stop too. */
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

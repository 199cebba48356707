/** SIGTERM and SIGINT: the first asks for a stop in good order, the second ends the process. */

export interface StopSignal {
  /** Aborted when the stop is asked for. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly asked: Promise<void>;
  /** From now on the first one ends the process. */
  forget(): void;
}

export function stopSignal(): StopSignal {
  const abort = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const forget = (): void => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
  };
  function stop(): void {
    forget();
    abort.abort();
    resolve();
  }
  process.on('SIGTERM', stop).on('SIGINT', stop);
  return { signal: abort.signal, asked, forget };
}

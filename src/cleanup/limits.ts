/** When a cleanup must end: it starts nothing new at once, and gives up what is under way a little later. */
import type { Clock } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';
import { StalledError } from '../domain/errors.ts';

/** For each worker to finish the namespace that it has begun. */
const FINISH_MS = 5_000;

export interface Limits {
  /** Aborted when a stop is requested or the time is up: ends waits and lists, and starts no further namespace. */
  readonly soon: AbortSignal;
  /** Aborted a little later: ends what should not be left half done. */
  readonly late: AbortSignal;
  release(): void;
}

export function startLimits(
  clock: Clock,
  { stop, timeoutMs }: { readonly stop: AbortSignal; readonly timeoutMs: number },
): Limits {
  const timeoutError = () => timedOut(timeoutMs);
  const soon = new Deadline(clock, { limitMs: timeoutMs, parent: stop, timeoutError });
  const late = new Deadline(clock, { timeoutError: () => soon.signal.reason as Error });
  const onEnd = () => late.restart(FINISH_MS);
  if (soon.signal.aborted) onEnd();
  else soon.signal.addEventListener('abort', onEnd, { once: true });
  return {
    soon: soon.signal,
    late: late.signal,
    release() {
      soon.release();
      late.release();
    },
  };
}

function timedOut(timeoutMs: number): StalledError {
  const message = `not done within ${Math.round(timeoutMs / 1000)} s (--timeout)`;
  return new StalledError(message, { code: 'CLEANUP_TIMEOUT', fix: 'repeat cleanup' });
}

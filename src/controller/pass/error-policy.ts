/** The one place that turns errors into retries. */
import { ObsoleteError, StalledError, WaitingError } from '../../domain/errors.ts';
import { earliest } from '../../domain/times.ts';
import { type Outcome, recheckAt } from './outcome.ts';

/**
 * The failures of one pass decide when the next one comes. What may pass by itself is retried with growing delay; what
 * waits, at its time; what needs a person, when something changes, at the plan's own recheck, or with the next sweep.
 */
export function reactTo(failures: readonly unknown[], planRecheckAt: Date | undefined): Outcome {
  if (failures.some(mayPass)) return { kind: 'retry' };
  const waits = failures.filter((failure) => failure instanceof WaitingError);
  return recheckAt(earliest([planRecheckAt, ...waits.map(({ until }) => until)]));
}

/** An error that nobody classified is a fault of ours: it is retried like a passing one, and logged louder. */
function mayPass(failure: unknown): boolean {
  return !(
    failure instanceof StalledError ||
    failure instanceof WaitingError ||
    failure instanceof ObsoleteError
  );
}

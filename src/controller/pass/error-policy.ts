/** The one place that turns errors into retries. */
import { ControllerError, ObsoleteError, StalledError, WaitingError } from '../../domain/errors.ts';
import { earliest } from '../../domain/times.ts';
import { type Outcome, requeueAfter } from './outcome.ts';

/**
 * The failures of one pass decide when the next one comes. A failure that may pass by itself is retried with growing delay;
 * one that waits, at its time; one that needs a person, when something changes, at the plan's own `requeueAt`, or with
 * the next sweep.
 */
export function reactTo(failures: readonly unknown[], planRequeueAt: Date | undefined): Outcome {
  const passing = failures.filter(mayPass);
  if (passing.length > 0) return { kind: 'error', cause: causeOf(passing) };
  const waits = failures.filter((failure) => failure instanceof WaitingError);
  return requeueAfter(earliest([planRequeueAt, ...waits.map(({ until }) => until)]));
}

function causeOf(failures: readonly unknown[]): string {
  const [first] = failures;
  return first instanceof ControllerError ? first.code : 'PROGRAM_FAULT';
}

/** An unclassified error is a bug: it is retried like a transient one, and logged as an error. */
function mayPass(failure: unknown): boolean {
  return !(
    failure instanceof StalledError ||
    failure instanceof WaitingError ||
    failure instanceof ObsoleteError
  );
}

/** Error classes are named for the reaction they call for; `code` says what happened. */

interface ErrorDetails {
  /** UPPER_SNAKE, stable: a metric label and a key for people to search. */
  readonly code: string;
  /** The Event's reason, if the users of the namespace should see the error. */
  readonly eventReason?: string | undefined;
  /** The API server has read the request and refused it: it would refuse it again. */
  readonly isRefusal?: boolean;
  /** What a person should do, as a clause that follows the message. Like the message, it never contains a token. */
  readonly fix?: string | undefined;
  /** The underlying error, if it contains no secret. */
  readonly cause?: unknown;
}

/** The base class of our errors: the message names what failed and why, `fix` what a person should do about it. */
export abstract class ControllerError extends Error {
  readonly code: string;
  readonly eventReason: string | undefined;
  readonly isRefusal: boolean;
  readonly fix: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.eventReason = details.eventReason;
    this.isRefusal = details.isRefusal ?? false;
    this.fix = details.fix;
  }
}

/** A person must act; retrying soon does not help. */
export class StalledError extends ControllerError {}

/** Nothing can be done before `until`. */
export class WaitingError extends ControllerError {
  readonly until: Date;

  constructor(message: string, details: ErrorDetails & { readonly until: Date }) {
    super(message, details);
    this.until = details.until;
  }
}

/** Passes by itself: retry with growing delay. */
export class TransientError extends ControllerError {}

/** The object is gone or being deleted: nothing to do, and nobody to notify. */
export class ObsoleteError extends ControllerError {}

/** Renders anything that was thrown for people: what failed and, if known, what to do about it. */
export function renderError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof ControllerError) || error.fix === undefined) return error.message;
  // After a list with one item per line, the fix gets its own line.
  const separator = error.message.includes('\n') ? '\n' : '; ';
  return `${error.message}${separator}${error.fix}`;
}

/** Errors are named for the reaction that they ask for; `code` says what happened. */

interface ErrorDetails {
  /** UPPER_SNAKE, stable: a metric label and a key for people to search. */
  readonly code: string;
  /** The Event's reason, where a namespace's people should hear of it. */
  readonly eventReason?: string | undefined;
  /** What a person should do, as a clause that follows the message. Like the message, it never holds a token. */
  readonly fix?: string | undefined;
  /** The error underneath, where it holds no secret. */
  readonly cause?: unknown;
}

/** The root of our errors: the message names what failed and why, `fix` what a person should do about it. */
export abstract class ControllerError extends Error {
  readonly code: string;
  readonly eventReason: string | undefined;
  readonly fix: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.eventReason = details.eventReason;
    this.fix = details.fix;
  }
}

/** A person must act; trying again soon does not help. */
export class StalledError extends ControllerError {}

/** Nothing can be done before `until`. */
export class WaitingError extends ControllerError {
  readonly until: Date;

  constructor(message: string, details: ErrorDetails & { readonly until: Date }) {
    super(message, details);
    this.until = details.until;
  }
}

/** Passes by itself: try again, later each time. */
export class TransientError extends ControllerError {}

/** The object is going away or gone: nothing to do and nobody to tell. */
export class ObsoleteError extends ControllerError {}

/** Whatever was thrown, in words for people: what failed and, where it is known, what to do about it. */
export function renderError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof ControllerError) || error.fix === undefined) return error.message;
  // After a list, one item a line, the fix has a line of its own.
  const separator = error.message.includes('\n') ? '\n' : '; ';
  return `${error.message}${separator}${error.fix}`;
}

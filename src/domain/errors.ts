/** Errors are named for the reaction that they ask for; `code` says what happened. */

interface ErrorDetails {
  /** UPPER_SNAKE, stable: a metric label and a key for people to search. */
  readonly code: string;
  /** The Event's reason, where a namespace's people should hear of it. */
  readonly eventReason?: string;
  readonly cause?: unknown;
}

/** The root of our errors: the message says what failed and, where there is one, the mend. */
export abstract class ControllerError extends Error {
  readonly code: string;
  readonly eventReason: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.eventReason = details.eventReason;
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

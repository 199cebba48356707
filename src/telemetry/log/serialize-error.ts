/** What a log line shows of an error: what it is and why, never what was sent or received. */
import { fieldOf } from '../../base/json.ts';
import { ControllerError } from '../../domain/errors.ts';

export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** What a person should do. */
  readonly fix?: string;
  /** The request id in AWS's answer, for a support case. */
  readonly awsRequestId?: string;
  /** Only for unexpected errors. */
  readonly stack?: string;
  readonly cause?: ErrorFields;
  /** The parts of an `AggregateError`, as when no address of a host answers. */
  readonly errors?: readonly ErrorFields[];
}

const MAX_DEPTH = 5;
const MAX_ERRORS = 4;
const MAX_TEXT = 4096;

/**
 * Takes only a few known properties: SDK errors contain whole requests and answers. Never throws, whatever was thrown.
 */
export function serializeError(error: unknown): ErrorFields {
  try {
    return serialize(error, 0);
  } catch {
    return { type: 'unreadable', message: 'the error itself cannot be read' };
  }
}

function serialize(error: unknown, depth: number): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: cut(String(error)) };
  const isExpected = error instanceof ControllerError;
  const code = textOf(error, 'code');
  const fix = isExpected ? textOf(error, 'fix') : undefined;
  const awsRequestId = textOf(error, '$metadata', 'requestId');
  return {
    type: error.name,
    message: cut(error.message),
    ...(code === undefined ? {} : { code }),
    ...(fix === undefined ? {} : { fix }),
    ...(awsRequestId === undefined ? {} : { awsRequestId }),
    ...(isExpected || depth > 0 || error.stack === undefined ? {} : { stack: cut(error.stack) }),
    ...(depth < MAX_DEPTH ? causesOf(error, depth + 1) : {}),
  };
}

function causesOf(error: Error, depth: number): Pick<ErrorFields, 'cause' | 'errors'> {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  return {
    ...(error.cause === undefined ? {} : { cause: serialize(error.cause, depth) }),
    ...(errors.length === 0
      ? {}
      : { errors: errors.slice(0, MAX_ERRORS).map((each) => serialize(each, depth)) }),
  };
}

function textOf(error: Error, ...path: readonly string[]): string | undefined {
  const value = fieldOf(error, ...path);
  return typeof value === 'string' ? cut(value) : undefined;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

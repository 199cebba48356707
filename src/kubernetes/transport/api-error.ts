/** What an API server refused and why, in the terms that callers need to react. */
import { recordOf } from '../../base/json.ts';
import { TransientError } from '../../domain/errors.ts';
import { presentable } from '../wire/presentable.ts';

/** One of `Status.details.causes`. */
export interface ApiErrorCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

interface Refusal {
  /** Such as `PATCH /api/v1/…`; never a body, a query or a header. */
  readonly call: string;
  readonly status: number;
  /** The `metav1.Status` of the answer, or whatever came in its place. */
  readonly answer: unknown;
  readonly retryAfterMs?: number | undefined;
}

/**
 * An answer with a status of 400 or more, or an ERROR frame of a watch. Transient unless the caller knows better: most
 * refusals are temporary (a webhook is down, a quota is about to be raised).
 */
export class ApiError extends TransientError {
  /** A literal: bundling renames a class whose name is derived from the class itself. */
  override readonly name = 'ApiError';
  readonly status: number;
  /** `Status.reason`, such as `NotFound`; empty if the answer was not a `Status`. */
  readonly reason: string;
  readonly causes: readonly ApiErrorCause[];
  readonly retryAfterMs: number | undefined;
  /** The server's message, shortened and made safe to print. */
  readonly serverMessage: string;
  /** Whether an admission webhook refused, and not the server itself. */
  readonly isByWebhook: boolean;
  readonly #call: string;

  constructor({ call, status, answer, retryAfterMs }: Refusal) {
    const { reason, message, causes, retryAfterHintMs } = readStatus(answer);
    super(`calling ${call}: ${[String(status), reason].join(' ').trim()}: ${message}`, {
      code: CODES[status] ?? (status >= 500 ? 'API_SERVER_ERROR' : 'API_REFUSED'),
    });
    this.#call = call;
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.serverMessage = message;
    this.isByWebhook = WEBHOOK_REFUSAL.test(message);
    this.retryAfterMs = retryAfterMs ?? retryAfterHintMs;
  }

  /** The same error, safe to log: the server's texts may quote what it was sent, so `redact` is applied to each. */
  redactedBy(redact: (text: string) => string): ApiError {
    const { status, reason, serverMessage, causes, retryAfterMs } = this;
    const details = {
      causes: causes.map((cause) => ({
        field: redact(cause.field),
        reason: redact(cause.reason),
        message: redact(cause.message),
      })),
    };
    const answer = { reason: redact(reason), message: redact(serverMessage), details };
    return new ApiError({ call: this.#call, status, answer, retryAfterMs });
  }
}

/** The API server begins the message of every denial by a webhook with this (k8s.io/apiserver, `ToStatusErr`). */
const WEBHOOK_REFUSAL = /^admission webhook "[^"]*" denied the request/;

const CODES: Readonly<Record<number, string>> = {
  401: 'API_UNAUTHORIZED',
  403: 'API_FORBIDDEN',
  404: 'API_NOT_FOUND',
  409: 'API_CONFLICT',
  410: 'API_GONE',
  422: 'API_INVALID',
  429: 'API_THROTTLED',
};

export function isUnauthorized(error: unknown): error is ApiError {
  return hasStatus(error, 401);
}

/** Also true for a namespace that is terminating: ask `isNamespaceTerminating` first. */
export function isForbidden(error: unknown): error is ApiError {
  return hasStatus(error, 403);
}

export function isNotFound(error: unknown): error is ApiError {
  return hasStatus(error, 404);
}

/** A stale resourceVersion, a failed precondition, a field that another manager owns, or a name that is taken. */
export function isConflict(error: unknown): error is ApiError {
  return hasStatus(error, 409);
}

/** A resourceVersion or a `continue` token that is too old. */
export function isGone(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone';
}

/** Refused by validation or by an admission policy. */
export function isInvalid(error: unknown): error is ApiError {
  return hasStatus(error, 422);
}

export function isThrottled(error: unknown): error is ApiError {
  return hasStatus(error, 429);
}

/** The NamespaceLifecycle plugin refuses creations with 403 and this cause. */
export function isNamespaceTerminating(error: unknown): error is ApiError {
  return isForbidden(error) && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

/** We asked for a resourceVersion that this server has not reached, or will never reach after a restored etcd. */
export function isTooLargeResourceVersion(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  return (
    error.causes.some(({ reason }) => reason === 'ResourceVersionTooLarge') ||
    (error.status === 504 && error.serverMessage.includes('Too large resource version'))
  );
}

function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

interface Status {
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly ApiErrorCause[];
  readonly retryAfterHintMs: number | undefined;
}

const MAX_CAUSES = 16;

function readStatus(answer: unknown): Status {
  if (typeof answer === 'string') {
    return { reason: '', message: presentable(answer), causes: [], retryAfterHintMs: undefined };
  }
  const status = recordOf(answer);
  const details = recordOf(status['details']);
  const causes = Array.isArray(details['causes']) ? details['causes'].slice(0, MAX_CAUSES) : [];
  const seconds = details['retryAfterSeconds'];
  return {
    reason: shortText(status['reason']),
    message: textOf(status['message']),
    causes: causes.map(recordOf).map((cause) => ({
      field: shortText(cause['field']),
      reason: shortText(cause['reason']),
      message: textOf(cause['message']),
    })),
    retryAfterHintMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? presentable(value) : '';
}

function shortText(value: unknown): string {
  return typeof value === 'string' ? presentable(value, 128) : '';
}

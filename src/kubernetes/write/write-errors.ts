/** Turns a refused write into an error that says who must act, or that nothing is left to do. */
import {
  type ControllerError,
  ObsoleteError,
  StalledError,
  TransientError,
} from '../../domain/errors.ts';
import {
  ApiError,
  type ApiErrorCause,
  isConflict,
  isForbidden,
  isInvalid,
  isNamespaceTerminating,
  isNotFound,
} from '../transport/api-error.ts';

/** `doing` is a gerund phrase, such as `writing Secret "x" in namespace "y"`. Other errors pass unchanged. */
export function explainRefusal(error: unknown, doing: string): unknown {
  if (!(error instanceof ApiError)) return error;
  if (isNamespaceTerminating(error)) return gone(error, doing, 'the namespace is terminating');
  if (isNotFound(error)) return gone(error, doing, 'it is gone');
  if (isConflict(error)) return conflict(error, doing);
  if (isInvalid(error)) return invalid(error, doing);
  if (isForbidden(error)) return forbidden(error, doing);
  return error;
}

function gone(cause: ApiError, doing: string, why: string): ControllerError {
  return new ObsoleteError(`${doing}: ${why}`, { code: 'OBJECT_GONE', cause });
}

function conflict(cause: ApiError, doing: string): ControllerError {
  return new TransientError(`${doing}: somebody else changed it at the same time`, {
    code: 'CONFLICT',
    cause,
  });
}

function invalid(cause: ApiError, doing: string): ControllerError {
  const { causes } = cause;
  // The object was re-created, so the other causes concern an object that we did not mean.
  if (causes.some(({ field }) => field === 'metadata.uid')) return conflict(cause, doing);
  // `type` can never be changed, and `immutable` freezes the data. The server names the field for both.
  if (causes.some(({ field }) => field === 'type')) {
    return new StalledError(`${doing}: a Secret of another type has this name and is left alone`, {
      code: 'SECRET_TYPE_MISMATCH',
      isRefusal: true,
      eventReason: 'SecretTypeMismatch',
      fix: 'delete that Secret',
      cause,
    });
  }
  if (causes.some(isFrozen)) {
    return new StalledError(`${doing}: somebody made it immutable`, {
      code: 'SECRET_IMMUTABLE',
      isRefusal: true,
      eventReason: 'SecretImmutable',
      fix: 'delete it and it is re-created',
      cause,
    });
  }
  return refused(cause, doing);
}

/** Too much data is also an error of `data`. A policy may mention immutable things, but names no field. */
function isFrozen({ field, message }: ApiErrorCause): boolean {
  return (field === 'immutable' || field === 'data') && message.includes('immutable');
}

function forbidden(cause: ApiError, doing: string): ControllerError {
  if (cause.serverMessage.includes('exceeded quota')) {
    return new TransientError(
      `${doing}: the namespace's quota is used up: ${cause.serverMessage}`,
      {
        code: 'QUOTA_EXCEEDED',
        isRefusal: true,
        eventReason: 'QuotaExceeded',
        cause,
      },
    );
  }
  return refused(cause, doing);
}

/** A missing permission, an admission webhook or a policy: it may be fixed at any time, so the write is retried. */
function refused(cause: ApiError, doing: string): ControllerError {
  return new TransientError(`${doing}: the API server refused it: ${cause.serverMessage}`, {
    code: 'WRITE_REFUSED',
    isRefusal: true,
    eventReason: 'WriteRefused',
    cause,
  });
}

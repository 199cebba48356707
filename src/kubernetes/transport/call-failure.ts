/** Turns whatever went wrong while waiting for an answer into one of our own errors. */
import { ControllerError, TransientError } from '../../domain/errors.ts';
import type { Deadline } from '../../base/deadline.ts';
import { presentableMessage } from '../wire/presentable.ts';
import type { ApiRequest } from './transport.ts';

/** Wraps what the caller's `onStart` threw, so that it is not mistaken for a failure of the wire. */
class RefusedStart extends Error {}

/** Wraps `onStart`: throws first if the request is already aborted, and marks what `onStart` throws as its own. */
export function wrapOnStart(onStart: () => void, signal: AbortSignal): () => void {
  return () => {
    signal.throwIfAborted();
    try {
      onStart();
    } catch (cause) {
      throw new RefusedStart('refused by the caller', { cause });
    }
  };
}

/** Returns what to throw: the reason of the caller's own abort; our own errors, and what `onStart` threw, unchanged. */
export function describeFailure(
  request: ApiRequest,
  error: unknown,
  deadline: Deadline,
  code: 'API_UNREACHABLE' | 'API_STREAM_CUT',
): unknown {
  if (error instanceof RefusedStart) return error.cause;
  if (error instanceof ControllerError) return error;
  if (request.signal.aborted) return request.signal.reason;
  if (deadline.expired) {
    const [timeout, what] =
      code === 'API_STREAM_CUT'
        ? ['API_STREAM_IDLE', 'no data for too long']
        : ['API_TIMEOUT', 'no complete response in time'];
    return new TransientError(`calling ${callOf(request)}: ${what}`, { code: timeout });
  }
  const what = code === 'API_STREAM_CUT' ? 'the response was cut off' : 'no response';
  return new TransientError(`calling ${callOf(request)}: ${what}: ${presentableMessage(error)}`, {
    code,
    cause: error,
  });
}

/** Such as `GET /api/v1/namespaces`: never a query, a header or a body. */
export function callOf(request: ApiRequest): string {
  return `${request.method} ${request.path}`;
}

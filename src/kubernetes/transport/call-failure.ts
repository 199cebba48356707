/** Turns whatever went wrong while waiting for an answer into an error of ours. */
import { ControllerError, TransientError } from '../../domain/errors.ts';
import type { Deadline } from '../../base/deadline.ts';
import { presentableMessage } from '../wire/presentable.ts';
import type { ApiRequest } from './transport.ts';

/** What the caller's `onStart` threw: the wire does not know it, and must not take it for a fault of its own. */
class RefusedStart extends Error {}

/** `onStart`, not called for a request that is over already, and with what it throws recognisable later. */
export function markedStart(onStart: () => void, signal: AbortSignal): () => void {
  return () => {
    signal.throwIfAborted();
    try {
      onStart();
    } catch (cause) {
      throw new RefusedStart('refused by the caller', { cause });
    }
  };
}

/** The caller's own abort gives back its reason; an error of ours, and what `onStart` threw, is passed on. */
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
        ? ['API_STREAM_IDLE', 'nothing was heard for too long']
        : ['API_TIMEOUT', 'no whole answer in time'];
    return new TransientError(`calling ${callOf(request)}: ${what}`, { code: timeout });
  }
  const what = code === 'API_STREAM_CUT' ? 'the answer was cut off' : 'no answer';
  return new TransientError(`calling ${callOf(request)}: ${what}: ${presentableMessage(error)}`, {
    code,
    cause: error,
  });
}

/** Such as `GET /api/v1/namespaces`: never a query, a header or a body. */
export function callOf(request: ApiRequest): string {
  return `${request.method} ${request.path}`;
}

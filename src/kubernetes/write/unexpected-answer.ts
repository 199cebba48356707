/** Successful answers that no API server gives. */
import { recordOf } from '../../base/json.ts';
import { TransientError } from '../../domain/errors.ts';

/** Something between us and the API server has answered instead: nothing is known about the write, so it is repeated. */
export function unexpectedAnswer(doing: string): TransientError {
  return new TransientError(`${doing}: what came back is not an answer of the API server`, {
    code: 'API_MALFORMED_ANSWER',
  });
}

/** Whether a DELETE has removed the object: finalizers would keep it, and then it is the answer. */
export function isRemoved(answer: unknown): boolean {
  const { kind, status } = recordOf(answer);
  return kind === 'Status' && status === 'Success';
}

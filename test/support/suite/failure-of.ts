/** Why a promise is rejected. */
import { ControllerError } from '../../../src/domain/errors.ts';

/** For a test that goes on meanwhile. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => 'none',
    (error: unknown) => ({ error }),
  );
  if (typeof outcome === 'string') throw new Error('waiting for a failure: there was none');
  return outcome.error;
}

/** The same, where it must be an error of ours. */
export async function controllerErrorOf(promise: Promise<unknown>): Promise<ControllerError> {
  const error = await failureOf(promise);
  if (error instanceof ControllerError) return error;
  throw new Error('no ControllerError', { cause: error });
}

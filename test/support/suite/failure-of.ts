/** The reason why a promise is rejected. */
import { ControllerError } from '../../../src/domain/errors.ts';

/** For tests that continue while they wait for the rejection. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => 'none',
    (error: unknown) => ({ error }),
  );
  if (typeof outcome === 'string') throw new Error('expected a failure, but there was none');
  return outcome.error;
}

/** Like `failureOf`, but requires one of our own errors. */
export async function controllerErrorOf(promise: Promise<unknown>): Promise<ControllerError> {
  const error = await failureOf(promise);
  if (error instanceof ControllerError) return error;
  throw new Error('not a ControllerError', { cause: error });
}

/** Why a promise is rejected, for a test that goes on meanwhile. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => 'none',
    (error: unknown) => ({ error }),
  );
  if (typeof outcome === 'string') throw new Error('waiting for a failure: there was none');
  return outcome.error;
}

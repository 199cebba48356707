/** Works on several things at a time. */

interface Parallelism {
  /** The largest number of calls under way at the same time. */
  readonly atOnce: number;
  /** Once it is aborted, no further call begins. */
  readonly signal?: AbortSignal;
}

/**
 * The results of `work`, in the order of the items. After a failure or an abort no further call begins, and when those
 * under way have ended, it rejects with the first failure or the signal's reason.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  { atOnce, signal }: Parallelism,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const remaining = items.entries();
  async function worker(): Promise<void> {
    for (const [index, item] of remaining) {
      if (failures.length > 0) return;
      try {
        signal?.throwIfAborted();
        results[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The same, but yields each result as soon as it is its turn. If the reader stops early, the work goes on. */
export async function* inOrder<T, R>(
  items: readonly T[],
  parallelism: Parallelism,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const turns = items.map((item) => ({ item, ...Promise.withResolvers<R>() }));
  const all = inParallel(turns, parallelism, async ({ item, resolve }) =>
    resolve(await work(item)),
  );
  all.catch(() => undefined);
  for (const { promise } of turns) yield await Promise.race([promise, all.then(() => promise)]);
}

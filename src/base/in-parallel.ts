/** Works on several things at a time. */

interface Parallelism {
  /** So many calls at most are under way. */
  readonly atOnce: number;
  /** Once it is aborted nothing new begins. */
  readonly signal?: AbortSignal;
}

/**
 * What `work` gives for each item, in the order of the items. After a failure or an abort nothing new begins: it rejects
 * with the first failure, or with the signal's reason, when all that is under way has ended.
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

/** The same, but each result as soon as its turn has come. Where the reader leaves early, the work goes on without it. */
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

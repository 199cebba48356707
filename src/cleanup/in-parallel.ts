/** Works on several at a time. */

/** Begins nothing new once the signal is aborted. `work` must not reject. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  { signal, work }: { readonly signal: AbortSignal; readonly work: (item: T) => Promise<void> },
): Promise<void> {
  const remaining = items[Symbol.iterator]();
  async function worker(): Promise<void> {
    for (const item of remaining) {
      if (signal.aborted) return;
      await work(item);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

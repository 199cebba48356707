/** Adds up counts. */
export function sumOf(counts: Iterable<number> = []): number {
  return [...counts].reduce((sum, count) => sum + count, 0);
}

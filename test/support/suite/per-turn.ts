/** How much a count grows in each turn of the event loop, from now until `isDone`. */
export async function perTurn(
  count: () => number,
  isDone: () => boolean,
): Promise<readonly number[]> {
  const growth: number[] = [];
  while (!isDone()) {
    const before = count();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    growth.push(count() - before);
  }
  return growth;
}

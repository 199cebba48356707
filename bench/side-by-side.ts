/** Does the same to many things, so many at a time. */

export async function sideBySide<T>(
  items: readonly T[],
  atATime: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const remaining = items.values();
  async function work(): Promise<void> {
    for (const item of remaining) await act(item);
  }
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, work));
}

/** Works on several things side by side and tells the outcomes in their order, each as soon as its turn has come. */

/** At most `atOnce` are under way. `work` must not reject. */
export async function* inOrder<T, R>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for (const thing of things) {
    const first = underWay.length >= atOnce ? underWay.shift() : undefined;
    if (first !== undefined) yield await first;
    underWay.push(work(thing));
  }
  for (const one of underWay) yield await one;
}

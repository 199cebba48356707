/** Remembers what a pure function says about a record of the caches. */

/**
 * Calls `compute` once for each record, for as long as the record lives. A record never changes: what has changed in the
 * cluster is another record. So nothing that is remembered can become wrong.
 */
export function remembering<R extends object, T>(compute: (record: R) => T): (record: R) => T {
  const known = new WeakMap<R, { readonly result: T }>();
  return (record) => {
    const found = known.get(record) ?? { result: compute(record) };
    known.set(record, found);
    return found.result;
  };
}

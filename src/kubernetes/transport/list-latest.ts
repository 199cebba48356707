/** A complete list from the store, not from a cache of the server: for callers that report what is gone. */
import { listPages, type ListSource } from './list-pager.ts';
import type { ReadObject } from './read-object.ts';

/** `project` returns `undefined` for an object to leave out. Throws what the transport throws. */
export async function listLatest<T>(
  source: ListSource,
  project: (item: ReadObject) => T | undefined,
  signal: AbortSignal,
): Promise<readonly T[]> {
  let found: T[] = [];
  const pages = {
    take(item: ReadObject): void {
      const projected = project(item);
      if (projected !== undefined) found.push(projected);
    },
    restart(): void {
      found = [];
    },
  };
  await listPages(source, { kind: 'latest' }, pages, signal);
  return found;
}

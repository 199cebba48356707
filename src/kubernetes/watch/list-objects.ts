/** One complete list for a reflector, only as fresh as necessary: it does not ask etcd without need. */
import { isGone, isTooLargeResourceVersion } from '../transport/api-error.ts';
import { listPages, type ListVersion } from '../transport/list-pager.ts';
import type { Projection } from './projection.ts';
import type { ReflectorOptions } from './reflector-options.ts';
import type { CachedObject } from '../transport/object-meta.ts';
import type { ReadObject } from '../transport/read-object.ts';

export interface ObjectList<T> {
  readonly objects: readonly T[];
  readonly version: string;
}

/**
 * The first list takes whatever the server's watch cache holds, a later one nothing older than `known`. If the server
 * no longer knows that version (too old) or never reached it (a restored etcd), it is asked for its latest state.
 */
export async function listObjects<T extends CachedObject>(
  from: {
    readonly options: ReflectorOptions<T>;
    readonly projection: Projection<T>;
    readonly onItem: () => void;
  },
  known: string | undefined,
  signal: AbortSignal,
): Promise<ObjectList<T>> {
  const { options, projection, onItem } = from;
  const { path, query = {}, listAccept: accept, transport } = options;
  let objects: T[] = [];
  const pages = {
    take: (item: ReadObject): void => {
      onItem();
      objects.push(...projection.listed(item));
    },
    restart: (): void => {
      objects = [];
    },
  };
  const list = (version: ListVersion) =>
    listPages({ transport, path, query, accept }, version, pages, signal);
  try {
    const version = await list(
      known === undefined ? { kind: 'any' } : { kind: 'notOlderThan', resourceVersion: known },
    );
    return { objects, version };
  } catch (error) {
    if (!isGone(error) && !isTooLargeResourceVersion(error)) throw error;
  }
  pages.restart();
  const version = await list({ kind: 'latest' });
  return { objects, version };
}

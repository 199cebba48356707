/** Lists in pages and keeps only what the caller takes from each item, never the whole answer. */
import { isText, recordOf } from '../../base/json.ts';
import { isGone } from './api-error.ts';
import { malformed, type ReadObject } from './read-object.ts';
import type { ApiRequest, Transport } from './transport.ts';

export interface ListSource {
  readonly transport: Pick<Transport, 'list'>;
  readonly path: string;
  readonly query: NonNullable<ApiRequest['query']>;
  readonly accept: string | undefined;
}

/** How recent the list must be. `latest` makes the server ask etcd: the last resort. */
export type ListVersion =
  | { readonly kind: 'any' }
  | { readonly kind: 'notOlderThan'; readonly resourceVersion: string }
  | { readonly kind: 'latest' };

const PAGE_SIZE = 500;
const PAGED_TRIES = 2;

interface Pages {
  readonly take: (item: ReadObject) => void;
  readonly restart: () => void;
}

/**
 * Passes each item to `take`. Calls `restart` when the items so far are void, because a `continue` token has
 * expired (410): the list then starts again, and the third attempt asks for a single page. Returns the list's
 * resourceVersion. Throws a `TransientError` if that attempt fails the same way, else what the transport throws.
 */
export async function listPages(
  source: ListSource,
  version: ListVersion,
  pages: Pages,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const limit = attempt <= PAGED_TRIES ? PAGE_SIZE : undefined;
    const read = (query: Query) => readPage(source, { limit, ...query }, pages, signal);
    let page = await read(versionQuery(version));
    const { resourceVersion } = page;
    while (page.next !== undefined) {
      const next = await unlessExpired(read({ continue: page.next }));
      if (next === undefined) break;
      page = next;
    }
    if (page.next === undefined) return resourceVersion;
    if (attempt > PAGED_TRIES) throw expired(source.path);
    pages.restart();
  }
}

/** Even the request without a limit was paged, and its token had expired: leave the rest to the caller's back-off. */
function expired(path: string): Error {
  return malformed(`GET ${path}`, 'every continue token had expired');
}

type Query = NonNullable<ApiRequest['query']>;

interface Page {
  readonly resourceVersion: string;
  readonly next: string | undefined;
}

async function unlessExpired(page: Promise<Page>): Promise<Page | undefined> {
  try {
    return await page;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function readPage(
  { transport, path, query: filter, accept }: ListSource,
  query: Query,
  { take }: Pages,
  signal: AbortSignal,
): Promise<Page> {
  const request: ApiRequest = {
    method: 'GET',
    path,
    query: { ...filter, ...query },
    ...(accept === undefined ? {} : { accept }),
    signal,
  };
  const { items, metadata } = recordOf(await transport.list(request, take));
  signal.throwIfAborted();
  const { resourceVersion, continue: next } = recordOf(metadata);
  // Go writes an empty list as null. Nothing else that is not a list may count as one, nor items that were not passed on.
  const isTaken = items === null || (Array.isArray(items) && items.length === 0);
  if (!isTaken || !isText(resourceVersion)) {
    throw malformed(`GET ${path}`, 'the response is not a list');
  }
  return { resourceVersion, next: isText(next) ? next : undefined };
}

/** For the first page only: a later one takes its version from the `continue` token and may not name one. */
function versionQuery(version: ListVersion): Query {
  switch (version.kind) {
    case 'any':
      return { resourceVersion: '0' };
    case 'notOlderThan':
      return {
        resourceVersion: version.resourceVersion,
        resourceVersionMatch: 'NotOlderThan',
      };
    case 'latest':
      return {};
  }
}

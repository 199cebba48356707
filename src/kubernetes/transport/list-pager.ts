/** Lists in pages and keeps only what the caller takes from each page, never the whole answer. */
import { isText, recordOf } from '../../base/json.ts';
import { TransientError } from '../../domain/errors.ts';
import { isGone } from './api-error.ts';
import type { ApiRequest, Transport } from './transport.ts';

export interface ListSource {
  readonly transport: Transport;
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

/**
 * Passes each page's items to `take`. Calls `restart` when the items so far are void, because a `continue` token has
 * expired (410): the list then starts again, and the third attempt asks for a single page. Returns the list's
 * resourceVersion. Throws a `TransientError` if that attempt fails the same way, else what the transport throws.
 */
export async function listPages(
  source: ListSource,
  version: ListVersion,
  pages: { readonly take: (items: readonly unknown[]) => void; readonly restart: () => void },
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const limit = attempt <= PAGED_TRIES ? PAGE_SIZE : undefined;
    let page = await readPage(source, { limit, ...versionQuery(version) }, signal);
    const { resourceVersion } = page;
    pages.take(page.items);
    while (page.next !== undefined) {
      const next = await readNextPage(source, { limit, continue: page.next }, signal);
      if (next === 'expired') break;
      pages.take(next.items);
      page = next;
    }
    if (page.next === undefined) return resourceVersion;
    if (attempt > PAGED_TRIES) throw expired(source.path);
    pages.restart();
  }
}

/** Even the request without a limit was paged, and its token had expired: leave the rest to the caller's back-off. */
function expired(path: string): TransientError {
  return new TransientError(`calling GET ${path}: every continue token had expired`, {
    code: 'API_MALFORMED_ANSWER',
  });
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly next: string | undefined;
}

async function readNextPage(
  source: ListSource,
  query: NonNullable<ApiRequest['query']>,
  signal: AbortSignal,
): Promise<Page | 'expired'> {
  try {
    return await readPage(source, query, signal);
  } catch (error) {
    if (isGone(error)) return 'expired';
    throw error;
  }
}

async function readPage(
  { transport, path, query: filter, accept }: ListSource,
  query: NonNullable<ApiRequest['query']>,
  signal: AbortSignal,
): Promise<Page> {
  const answer = recordOf(
    await transport.request({
      method: 'GET',
      path,
      query: { ...filter, ...query },
      ...(accept === undefined ? {} : { accept }),
      signal,
    }),
  );
  signal.throwIfAborted();
  const metadata = recordOf(answer['metadata']);
  // Go writes an empty list as null. Nothing else that is not a list may count as an empty one.
  const items = answer['items'] === null ? [] : answer['items'];
  const resourceVersion = metadata['resourceVersion'];
  if (!Array.isArray(items) || !isText(resourceVersion)) {
    throw new TransientError(`calling GET ${path}: the response is not a list`, {
      code: 'API_MALFORMED_ANSWER',
    });
  }
  const next = metadata['continue'];
  return { items, resourceVersion, next: isText(next) ? next : undefined };
}

/** For the first page only: a later one takes its version from the `continue` token and may not name one. */
function versionQuery(version: ListVersion): NonNullable<ApiRequest['query']> {
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

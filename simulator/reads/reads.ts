/** GET and LIST. */
import { notFound, versionTooLarge } from '../objects/api-failure.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import { renderContinueToken } from './continue-token.ts';
import { pageOf, parseVersion, type Present } from './list-page.ts';
import { renderList, renderObject } from '../objects/rendering.ts';
import { isSelective, selectionOf } from '../requests/selection.ts';
import { keyOf } from '../objects/store.ts';

export function readOne(
  request: ApiRequest,
  { store, revision }: Present,
): Record<string, unknown> {
  const asked = parseVersion(request.query.get('resourceVersion')) ?? 0;
  if (asked > revision) throw versionTooLarge(asked, revision);
  const { kind, name = '' } = request;
  const key = keyOf(request.namespace, name);
  const isPresent = revision === store.revision;
  const past = isPresent ? [] : store.objectsAt(kind, revision);
  const object = isPresent ? store.read(kind, key) : new Map(past).get(key);
  if (object === undefined) throw notFound(kind, name);
  return renderObject(object, request.metadataOnly);
}

export function readList(request: ApiRequest, present: Present): Record<string, unknown> {
  const { query, kind, metadataOnly } = request;
  const isSelected = selectionOf(request);
  const page = pageOf(query, present);
  const rest = present.store
    .objectsAt(kind, page.revision)
    .filter(([key]) => key > page.after)
    .filter(([, object]) => isSelected(object));
  const items = rest.slice(0, page.limit);
  const left = rest.length - items.length;
  const lastKey = items.at(-1)?.[0] ?? '';
  const token = renderContinueToken({ revision: page.revision, lastKey });
  const metadata = {
    resourceVersion: String(page.revision),
    ...(left === 0 ? {} : { continue: token }),
    // With a selector the server does not know how many remain.
    ...(left === 0 || isSelective(query) ? {} : { remainingItemCount: left }),
  };
  return renderList(kind, { items: items.map(([, object]) => object), metadata }, metadataOnly);
}

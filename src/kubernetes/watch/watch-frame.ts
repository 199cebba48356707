/** Parses one line of a watch. Never throws, whatever a server or a proxy sends. */
import { fieldOf, isText, parseJson, recordOf } from '../../base/json.ts';
import type { JsonPiece } from '../json/json-piece.ts';
import { type ObjectMeta, readObjectMeta } from '../transport/object-meta.ts';
import { metaIn, type ReadObject } from '../transport/read-object.ts';

export type WatchFrame =
  | { readonly kind: 'changed'; readonly meta: ObjectMeta; readonly item: ReadObject }
  | { readonly kind: 'deleted'; readonly meta: ObjectMeta }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  /** An ERROR frame: its `metav1.Status`. */
  | { readonly kind: 'error'; readonly status: unknown }
  /** What follows such a line can't be trusted. */
  | { readonly kind: 'malformed'; readonly why: string };

export function parseWatchFrame(line: JsonPiece): WatchFrame {
  if (line.kind === 'tooLarge') {
    const meta = metaIn(line.strings, 'object.');
    return objectFrame(line.strings.get('type'), meta, (known) => ({
      kind: 'tooLarge',
      meta: known,
    }));
  }
  const { type, object } = recordOf(parseJson(line.text));
  if (type === 'BOOKMARK') return bookmarkFrame(object);
  if (type === 'ERROR') return { kind: 'error', status: object };
  if (type === undefined) return { kind: 'malformed', why: 'not a watch frame' };
  return objectFrame(type, readObjectMeta(object), () => ({ kind: 'parsed', object }));
}

function objectFrame(
  type: unknown,
  meta: ObjectMeta | undefined,
  itemOf: (meta: ObjectMeta) => ReadObject,
): WatchFrame {
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') {
    return { kind: 'malformed', why: 'unknown type' };
  }
  if (meta === undefined) {
    return { kind: 'malformed', why: 'object without name, uid or resourceVersion' };
  }
  return type === 'DELETED'
    ? { kind: 'deleted', meta }
    : { kind: 'changed', meta, item: itemOf(meta) };
}

function bookmarkFrame(object: unknown): WatchFrame {
  const resourceVersion = fieldOf(object, 'metadata', 'resourceVersion');
  return isText(resourceVersion)
    ? { kind: 'bookmark', resourceVersion }
    : { kind: 'malformed', why: 'bookmark without resourceVersion' };
}

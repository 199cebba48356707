/** Parses one line of a watch. Never throws, whatever a server or a proxy sends. */
import { fieldOf, isText, parseJson, recordOf } from '../../base/json.ts';
import { type ObjectMeta, readObjectMeta } from '../transport/object-meta.ts';

export type WatchFrame =
  | { readonly kind: 'changed' | 'deleted'; readonly meta: ObjectMeta; readonly object: unknown }
  | { readonly kind: 'bookmark'; readonly resourceVersion: string }
  /** An ERROR frame: its `metav1.Status`. */
  | { readonly kind: 'error'; readonly status: unknown }
  /** What follows such a line can't be trusted. */
  | { readonly kind: 'malformed'; readonly why: string };

export function parseWatchFrame(line: string): WatchFrame {
  const { type, object } = recordOf(parseJson(line));
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return objectFrame('changed', object);
    case 'DELETED':
      return objectFrame('deleted', object);
    case 'BOOKMARK':
      return bookmarkFrame(object);
    case 'ERROR':
      return { kind: 'error', status: object };
    default:
      return { kind: 'malformed', why: type === undefined ? 'not a watch frame' : 'unknown type' };
  }
}

function objectFrame(kind: 'changed' | 'deleted', object: unknown): WatchFrame {
  const meta = readObjectMeta(object);
  return meta === undefined
    ? { kind: 'malformed', why: 'object without name, uid or resourceVersion' }
    : { kind, meta, object };
}

function bookmarkFrame(object: unknown): WatchFrame {
  const resourceVersion = fieldOf(object, 'metadata', 'resourceVersion');
  return isText(resourceVersion)
    ? { kind: 'bookmark', resourceVersion }
    : { kind: 'malformed', why: 'bookmark without resourceVersion' };
}

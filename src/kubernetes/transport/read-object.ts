/** One object as read from an answer. One that is too large is identified, but not parsed. */
import { parseJson } from '../../base/json.ts';
import { MAX_OBJECT_KIB } from '../../domain/contract.ts';
import { TransientError } from '../../domain/errors.ts';
import type { JsonPiece, PieceLimits } from '../json/json-piece.ts';
import { type ObjectMeta, readObjectMeta } from './object-meta.ts';

export type ReadObject =
  | { readonly kind: 'parsed'; readonly object: unknown }
  | { readonly kind: 'tooLarge'; readonly meta: ObjectMeta };

const MAX_OBJECT_BYTES = MAX_OBJECT_KIB * 1024;

const META_PATHS = ['namespace', 'name', 'uid', 'resourceVersion'].map((key) => `metadata.${key}`);

export const OBJECT_LIMITS: PieceLimits = { maxBytes: MAX_OBJECT_BYTES, paths: META_PATHS };

/** For the lines of a watch, in which an object stands under the key `object`. */
export const FRAME_LIMITS: PieceLimits = {
  maxBytes: MAX_OBJECT_BYTES,
  paths: ['type', ...META_PATHS.map((path) => `object.${path}`)],
};

/** `call`: for errors. Throws a `TransientError` for what is neither JSON nor the start of an identified object. */
export function readObject(piece: JsonPiece, call: string): ReadObject {
  if (piece.kind === 'tooLarge') {
    const meta = metaIn(piece.strings);
    if (meta !== undefined) return { kind: 'tooLarge', meta };
    throw malformed(call, 'an object is too large to be read, and nothing identifies it');
  }
  const object = parseJson(piece.text);
  if (object !== undefined) return { kind: 'parsed', object };
  throw malformed(call, 'the response is not JSON');
}

/** `prefix`: what the paths to the object's fields begin with. */
export function metaIn(
  strings: ReadonlyMap<string, string>,
  prefix: '' | 'object.' = '',
): ObjectMeta | undefined {
  const field = (key: string) => strings.get(`${prefix}metadata.${key}`);
  const [namespace, name, uid] = [field('namespace'), field('name'), field('uid')];
  return readObjectMeta({
    metadata: { namespace, name, uid, resourceVersion: field('resourceVersion') },
  });
}

/** The line in which a watch would report it. */
export function frameOf(type: string, item: ReadObject): JsonPiece {
  if (item.kind === 'parsed') {
    return { kind: 'whole', text: JSON.stringify({ type, object: item.object }) };
  }
  const fields = Object.entries(item.meta).map(
    ([key, value]: [string, string]) => [`object.metadata.${key}`, value] as const,
  );
  return { kind: 'tooLarge', strings: new Map([['type', type], ...fields]) };
}

export function malformed(call: string, what: string): TransientError {
  return new TransientError(`calling ${call}: ${what}`, { code: 'API_MALFORMED_ANSWER' });
}

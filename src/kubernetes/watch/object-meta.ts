/** The part of every object that a reflector itself needs. */
import { fieldOf, isText, recordOf } from '../../base/json.ts';
import type { CachedObject } from './object-cache.ts';

/** `undefined` where one of them is missing or no text: that is no object of an API server. */
export function readObjectMeta(object: unknown): CachedObject | undefined {
  const { namespace, name, uid, resourceVersion } = recordOf(fieldOf(object, 'metadata'));
  if (!isText(name) || !isText(uid) || !isText(resourceVersion)) return undefined;
  return { ...(isText(namespace) ? { namespace } : {}), name, uid, resourceVersion };
}

/** The metadata that every object of an API server has, and all that a cache itself needs. */
import { fieldOf, isText, recordOf } from '../../base/json.ts';

export interface ObjectMeta {
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What a cache may keep: anything that has metadata. */
export interface CachedObject extends ObjectMeta {
  /** It is too large to be read. */
  readonly tooLarge?: true;
}

/** `undefined` if a required field is missing or not text: then it is not an object of an API server. */
export function readObjectMeta(object: unknown): ObjectMeta | undefined {
  const { namespace, name, uid, resourceVersion } = recordOf(fieldOf(object, 'metadata'));
  if (!isText(name) || !isText(uid) || !isText(resourceVersion)) return undefined;
  return { ...(isText(namespace) ? { namespace } : {}), name, uid, resourceVersion };
}

/** What every object of an API server carries, and all that a cache itself needs of one. */
import { fieldOf, isText, recordOf } from '../../base/json.ts';

export interface ObjectMeta {
  /** Absent on what lives in no namespace. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** `undefined` where one of them is missing or no text: that is no object of an API server. */
export function readObjectMeta(object: unknown): ObjectMeta | undefined {
  const { namespace, name, uid, resourceVersion } = recordOf(fieldOf(object, 'metadata'));
  if (!isText(name) || !isText(uid) || !isText(resourceVersion)) return undefined;
  return { ...(isText(namespace) ? { namespace } : {}), name, uid, resourceVersion };
}

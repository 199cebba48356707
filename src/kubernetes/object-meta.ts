/** The part of every object that a reflector itself needs. */
import type { CachedObject } from './object-cache.ts';

/** `undefined` where one of them is missing or no text: that is no object of an API server. */
export function readObjectMeta(object: unknown): CachedObject | undefined {
  const { namespace, name, uid, resourceVersion } = recordOf(recordOf(object)['metadata']);
  if (!isText(name) || !isText(uid) || !isText(resourceVersion)) return undefined;
  return { ...(isText(namespace) ? { namespace } : {}), name, uid, resourceVersion };
}

/** For reading what others sent: never throws, never finds anything in what is no object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

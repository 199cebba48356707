/** JSON merge patch (RFC 7386): maps are merged, `null` removes, everything else replaces. */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';

export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else if (isJsonObject(value)) {
      const current = result.get(name);
      result.set(name, mergePatch(isJsonObject(current) ? current : {}, value));
    } else result.set(name, value);
  }
  return Object.fromEntries(result);
}

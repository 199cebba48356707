/** JSON merge patch (RFC 7386): merges maps; `null` removes a field, any other value replaces it. */
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

/** What an apply makes of an object: the configuration over it, and without what the manager has let go. */
import { isJsonObject, type JsonObject } from './api-object.ts';
import { elementsOf } from './list-elements.ts';
import type { ResourceKind } from './resource-kinds.ts';

/** Maps are merged, and lists whose items are owned one by one; `null` removes, everything else replaces. */
export function mergeConfiguration(
  kind: ResourceKind,
  live: JsonObject,
  configuration: JsonObject,
  path: readonly string[] = [],
): JsonObject {
  const result = new Map(Object.entries(live));
  for (const [name, value] of Object.entries(configuration)) {
    if (value === null) result.delete(name);
    else result.set(name, mergeValue(kind, [result.get(name), value], [...path, name]));
  }
  return Object.fromEntries(result);
}

function mergeValue(
  kind: ResourceKind,
  [live, value]: readonly [unknown, unknown],
  path: readonly string[],
): unknown {
  const items = elementsOf(kind, path, value);
  if (items !== undefined) {
    const merged = new Map(elementsOf(kind, path, live));
    for (const [name, item] of items) {
      merged.set(name, mergeValue(kind, [merged.get(name), item], [...path, name]));
    }
    return [...merged.values()];
  }
  if (!isJsonObject(value)) return value;
  return mergeConfiguration(kind, isJsonObject(live) ? live : {}, value, path);
}

/** Each field is the names on the way to it. */
export function withoutFields(
  kind: ResourceKind,
  object: JsonObject,
  fields: readonly (readonly string[])[],
): JsonObject {
  const result = fields.reduce<unknown>((rest, field) => remove(kind, rest, field, []), object);
  return isJsonObject(result) ? result : {};
}

function remove(
  kind: ResourceKind,
  value: unknown,
  [name, ...rest]: readonly string[],
  path: readonly string[],
): unknown {
  if (name === undefined) return value;
  const items = elementsOf(kind, path, value);
  const entries = items ?? (isJsonObject(value) ? new Map(Object.entries(value)) : undefined);
  if (entries?.has(name) !== true) return value;
  const kept = new Map(entries);
  if (rest.length === 0) kept.delete(name);
  else kept.set(name, remove(kind, kept.get(name), rest, [...path, name]));
  return items === undefined ? Object.fromEntries(kept) : [...kept.values()];
}

/** Merges an applied configuration into an object, and removes fields that the manager no longer applies. */
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import { elementsOf } from '../objects/list-elements.ts';
import type { ResourceKind } from '../objects/resource-kinds.ts';

/**
 * Merges maps, and lists whose items have separate owners; any other value replaces the live one. `null` replaces too,
 * except over a map or such a list, where it changes nothing.
 */
export function mergeConfiguration(
  kind: ResourceKind,
  live: JsonObject,
  configuration: JsonObject,
  path: readonly string[] = [],
): JsonObject {
  const result = new Map(Object.entries(live));
  for (const [name, value] of Object.entries(configuration)) {
    result.set(name, mergeValue(kind, [result.get(name), value], [...path, name]));
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
    const before = elementsOf(kind, path, live) ?? new Map<string, unknown>();
    return orderOf([...before.keys()], [...items.keys()]).map((name) =>
      items.has(name)
        ? mergeValue(kind, [before.get(name), items.get(name)], [...path, name])
        : before.get(name),
    );
  }
  const isOfParts = isJsonObject(live) || elementsOf(kind, path, live) !== undefined;
  if (value === null && isOfParts) return live;
  if (!isJsonObject(value)) return value;
  return mergeConfiguration(kind, isJsonObject(live) ? live : {}, value, path);
}

/** The applied items define the order; items that only the object has stay in front of the item that they preceded. */
function orderOf(live: readonly string[], applied: readonly string[]): readonly string[] {
  const order: string[] = [];
  let next = 0;
  for (const name of applied) {
    for (; next < live.length; next += 1) {
      const present = live[next] ?? '';
      if (applied.includes(present) && !order.includes(present)) break;
      if (!applied.includes(present)) order.push(present);
    }
    order.push(name);
  }
  return [...order, ...live.slice(next).filter((name) => !applied.includes(name))];
}

/** Each field is given as the names along its path. */
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

/** Items of lists whose items have separate owners: how to name them in a path and find them in a list. */
import { isJsonObject, type JsonObject } from './api-object.ts';
import type { KeyedList, ResourceKind } from './resource-kinds.ts';

/** Prefix of item names; no field name contains it. */
const MARK = '\u0001';

/** The items of a list by name; `undefined` if it is not such a list. In a list of strings each string is a name. */
export function elementsOf(
  kind: ResourceKind,
  path: readonly string[],
  value: unknown,
): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = value as readonly unknown[];
  const place = path.join('.');
  if (place === 'metadata.finalizers') {
    return new Map(list.map((text) => [`${MARK}v:${JSON.stringify(text)}`, text]));
  }
  const keyed = keyedListAt(kind, place);
  if (keyed === undefined) return undefined;
  return new Map(list.filter(isJsonObject).map((item) => [nameOf(item, keyed.key), item]));
}

/** Whether each item of the list is owned as a whole: its fields have no separate owners. */
export function areItemsWhole(kind: ResourceKind, path: readonly string[]): boolean {
  return keyedListAt(kind, path.join('.'))?.itemsAreWhole === true;
}

function keyedListAt({ keyedLists }: ResourceKind, place: string): KeyedList | undefined {
  return Object.hasOwn(keyedLists, place) ? keyedLists[place] : undefined;
}

function nameOf(item: JsonObject, key: string): string {
  return `${MARK}k:${JSON.stringify({ [key]: item[key] })}`;
}

export function isElementName(name: string | undefined): boolean {
  return name?.startsWith(MARK) === true;
}

/** As in `managedFields`, for example `k:{"name":"a"}`. */
export function renderElementName(name: string): string {
  return name.slice(MARK.length);
}

/** `undefined` if the text does not name an item. */
export function parseElementName(rendered: string): string | undefined {
  return /^[kv]:/.test(rendered) ? MARK + rendered : undefined;
}

/** As in conflict messages, for example `[name="a"]`. */
export function printElementName(name: string): string {
  const rendered = renderElementName(name);
  if (rendered.startsWith('v:')) return `[=${rendered.slice(2)}]`;
  const [key, value] = Object.entries(JSON.parse(rendered.slice(2)) as JsonObject)[0] ?? [];
  return `[${key}=${JSON.stringify(value)}]`;
}

/** Sets of fields as in `managedFields`: the parts of an object that a manager owns. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import {
  areItemsWhole,
  elementsOf,
  isElementName,
  parseElementName,
  printElementName,
  renderElementName,
} from '../objects/list-elements.ts';
import type { ResourceKind } from '../objects/resource-kinds.ts';

/** Paths: names joined by a character that no field name contains. */
export type FieldSet = ReadonlySet<string>;

const SEPARATOR = '\u0000';
const OWNED_METADATA = ['generateName', 'labels', 'annotations', 'finalizers', 'ownerReferences'];
const CONTAINER = Symbol('a map whose values have separate owners');
const LIST = Symbol('a list whose items have separate owners');

export interface FieldChanges {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** The differences between two states of an object, in fields that can have an owner. */
export function compareFields(
  kind: ResourceKind,
  before: JsonObject | undefined,
  after: JsonObject,
): FieldChanges {
  const old = flatten(kind, before ?? {});
  const next = flatten(kind, after);
  return {
    added: select(next, (path) => !old.has(path)),
    modified: select(
      next,
      (path, value) => old.has(path) && !isDeepStrictEqual(old.get(path), value),
    ),
    removed: select(old, (path) => !next.has(path)),
  };
}

/** The fields that an applied configuration claims: leaves, items of keyed lists, and empty maps. */
export function claimedFields(kind: ResourceKind, configuration: JsonObject): FieldSet {
  const fields = flatten(kind, configuration, { withNull: true });
  const paths = [...fields.keys()];
  return select(
    fields,
    (path, value) =>
      (value !== CONTAINER && value !== LIST) ||
      isElementName(namesOf(path).at(-1)) ||
      (value === CONTAINER && !paths.some((other) => other.startsWith(path + SEPARATOR))),
  );
}

export function union(...sets: readonly FieldSet[]): FieldSet {
  return new Set(sets.flatMap((set) => [...set]));
}

export function difference(set: FieldSet, ...others: readonly FieldSet[]): FieldSet {
  return new Set([...set].filter((path) => !others.some((other) => other.has(path))));
}

export function intersection(set: FieldSet, other: FieldSet): FieldSet {
  return new Set([...set].filter((path) => other.has(path)));
}

/** `set` without the paths that are parents of a path in the other sets. */
export function withoutParents(set: FieldSet, ...others: readonly FieldSet[]): FieldSet {
  const holdsAny = (path: string): boolean =>
    others.some((other) => [...other].some((one) => one.startsWith(path + SEPARATOR)));
  return new Set([...set].filter((path) => !holdsAny(path)));
}

/** At each level leaves first, then the others, both sorted by name. */
export function inServerOrder(paths: readonly string[]): readonly string[] {
  return [...paths].sort((a, b) => {
    const [these, those] = [namesOf(a), namesOf(b)];
    const at = these.findIndex((name, index) => name !== those[index]);
    const [isLeaf, isOtherLeaf] = [at === these.length - 1, at === those.length - 1];
    if (isLeaf !== isOtherLeaf) return isLeaf ? -1 : 1;
    return (these[at] ?? '') < (those[at] ?? '') ? -1 : 1;
  });
}

/** A path as in conflict messages, for example `.data..dockerconfigjson` or `.spec.containers[name="a"].image`. */
export function printField(path: string): string {
  return namesOf(path)
    .map((name) => (isElementName(name) ? printElementName(name) : `.${name}`))
    .join('');
}

export function namesOf(path: string): readonly string[] {
  return path.split(SEPARATOR);
}

/** The JSON form: `f:` before each field name, `k:` or `v:` before the key or value of a list item, `.` for a map itself if some of its fields are owned too. */
export function renderFields(set: FieldSet): JsonObject {
  const root: Tree = { owned: false, entries: new Map() };
  for (const path of [...set].sort()) {
    let node = root;
    for (const name of namesOf(path)) {
      const next: Tree = node.entries.get(name) ?? { owned: false, entries: new Map() };
      node.entries.set(name, next);
      node = next;
    }
    node.owned = true;
  }
  return renderTree(root);
}

export function parseFields(rendered: JsonObject, parents: readonly string[] = []): FieldSet {
  const paths = new Set<string>();
  for (const [key, value] of Object.entries(rendered)) {
    const name = key.startsWith('f:') ? key.slice(2) : parseElementName(key);
    if (name === undefined || !isJsonObject(value)) continue;
    const names = [...parents, name];
    if ('.' in value || Object.keys(value).length === 0) paths.add(names.join(SEPARATOR));
    for (const path of parseFields(value, names)) paths.add(path);
  }
  return paths;
}

interface Tree {
  owned: boolean;
  readonly entries: Map<string, Tree>;
}

function renderTree({ owned, entries }: Tree): JsonObject {
  const rendered: Record<string, unknown> = owned && entries.size > 0 ? { '.': {} } : {};
  for (const [name, node] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    rendered[isElementName(name) ? renderElementName(name) : `f:${name}`] = renderTree(node);
  }
  return rendered;
}

/** `withNull`: includes fields that are `null`. */
function flatten(
  kind: ResourceKind,
  object: JsonObject,
  { withNull = false } = {},
): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  const visit = (path: string, value: unknown): void => {
    if (value === undefined) return;
    if (value === null) {
      if (withNull) fields.set(path, value);
      return;
    }
    const elements = Array.isArray(value) ? elementsOf(kind, namesOf(path), value) : undefined;
    if (elements !== undefined) {
      fields.set(path, LIST);
      const areWhole = areItemsWhole(kind, namesOf(path));
      for (const [name, element] of elements) {
        if (areWhole) fields.set(path + SEPARATOR + name, element);
        else visit(path + SEPARATOR + name, element);
      }
      return;
    }
    if (!isJsonObject(value) || kind.atomicFields.includes(path)) {
      fields.set(path, value);
      return;
    }
    fields.set(path, CONTAINER);
    for (const [name, entry] of Object.entries(value)) visit(path + SEPARATOR + name, entry);
  };
  const { metadata } = object;
  const unowned = ['apiVersion', 'kind', 'metadata', ...kind.serverFields];
  for (const [name, value] of Object.entries(object)) {
    if (!unowned.includes(name)) visit(name, value);
  }
  if (isJsonObject(metadata)) {
    for (const name of OWNED_METADATA) visit(`metadata${SEPARATOR}${name}`, metadata[name]);
  }
  return fields;
}

function select(
  fields: ReadonlyMap<string, unknown>,
  isSelected: (path: string, value: unknown) => boolean,
): FieldSet {
  return new Set(
    [...fields].filter(([path, value]) => isSelected(path, value)).map(([path]) => path),
  );
}

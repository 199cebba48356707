/** JSON patch (RFC 6902), as lenient as the API server: `replace` creates a missing field, and −1 is the last item of a list. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from '../objects/api-object.ts';
import { ApiFailure, badRequest } from '../objects/api-failure.ts';

/** Throws a 400 for an invalid patch, a 422 for one that does not apply or whose test fails; the server gives no details. */
export function jsonPatch(target: JsonObject, body: string): JsonObject {
  let document: unknown = target;
  for (const operation of parseOperations(body)) document = operate(document, operation);
  if (isJsonObject(document)) return document;
  throw inapplicable();
}

interface Operation {
  readonly op: unknown;
  readonly path: readonly string[];
  readonly from: readonly string[];
  /** `null` if there is none. */
  readonly value: unknown;
}

function parseOperations(body: string): readonly Operation[] {
  const parsed = parseJson(body);
  if (!Array.isArray(parsed)) throw badRequest('error decoding patch: not a list of operations');
  return parsed.map((entry: unknown) => {
    const { op, path, from, value = null } = isJsonObject(entry) ? entry : {};
    return { op, path: parsePointer(path), from: parsePointer(from), value };
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('error decoding patch: not JSON');
  }
}

/** Empty if the pointer does not point into the document. */
function parsePointer(pointer: unknown): readonly string[] {
  if (typeof pointer !== 'string' || !pointer.startsWith('/')) return [];
  return pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function operate(document: unknown, { op, path, from, value }: Operation): unknown {
  if (path.length === 0) throw inapplicable();
  switch (op) {
    case 'add':
      return withAdded(document, path, value);
    case 'remove':
      return withRemoved(document, path);
    case 'replace':
      return withReplaced(document, path, value);
    case 'copy':
      return withAdded(document, path, read(document, from) ?? null);
    case 'move':
      return withAdded(withRemoved(document, from), path, read(document, from));
    case 'test':
      if (isDeepStrictEqual(read(document, path) ?? null, value)) return document;
      throw inapplicable();
    default:
      throw inapplicable();
  }
}

/** `undefined` if a map lacks the name. */
function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const name of path) {
    if (Array.isArray(value)) value = value[existingIndex(value, name)];
    else if (isJsonObject(value)) value = Object.hasOwn(value, name) ? value[name] : undefined;
    else throw inapplicable();
  }
  return value;
}

function withAdded(document: unknown, path: readonly string[], value: unknown): unknown {
  return change(document, path, {
    inList: (list, name) => {
      const index = name === '-' ? list.length : indexOf(name, list.length + 1);
      return list.toSpliced(index, 0, value);
    },
    inMap: (map, name) => ({ ...map, [name]: value }),
  });
}

function withReplaced(document: unknown, path: readonly string[], value: unknown): unknown {
  return change(document, path, {
    inList: (list, name) => list.with(existingIndex(list, name), value),
    inMap: (map, name) => ({ ...map, [name]: value }),
  });
}

function withRemoved(document: unknown, path: readonly string[]): unknown {
  return change(document, path, {
    inList: (list, name) => list.toSpliced(existingIndex(list, name), 1),
    inMap: (map, name) => {
      if (!Object.hasOwn(map, name)) throw inapplicable();
      return Object.fromEntries(Object.entries(map).filter(([other]) => other !== name));
    },
  });
}

interface Change {
  readonly inList: (list: readonly unknown[], name: string) => unknown;
  readonly inMap: (map: JsonObject, name: string) => unknown;
}

/** Changes the container that holds the last name of the path; everything on the way must exist. */
function change(document: unknown, path: readonly string[], how: Change): unknown {
  const [name, ...rest] = path;
  if (name === undefined) throw inapplicable();
  if (Array.isArray(document)) {
    const list = document as readonly unknown[];
    if (rest.length === 0) return how.inList(list, name);
    const index = existingIndex(list, name);
    return list.with(index, change(list[index], rest, how));
  }
  if (!isJsonObject(document)) throw inapplicable();
  if (rest.length === 0) return how.inMap(document, name);
  return { ...document, [name]: change(document[name], rest, how) };
}

function existingIndex(list: readonly unknown[], name: string): number {
  return indexOf(name, list.length);
}

/** Negative indexes count from the end. */
function indexOf(name: string, size: number): number {
  const index = /^-?\d+$/.test(name) ? Number(name) : NaN;
  const positive = index < 0 ? index + size : index;
  if (positive >= 0 && positive < size) return positive;
  throw inapplicable();
}

function inapplicable(): ApiFailure {
  const message = 'the server rejected our request due to an error in our request';
  return new ApiFailure(422, { message, reason: 'Invalid', details: {} });
}

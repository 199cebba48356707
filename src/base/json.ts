/** For reading what others sent: nothing here throws, and nothing is found in what is no object. */

/** `undefined` for what is not JSON. The parser's own error is dropped: it repeats what it could not read. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value to take fields from; without any where it is no object. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The field that the keys lead to, from object to object; `undefined` where the path ends before. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = recordOf(found)[key];
  return found;
}

/** Text, and not the empty one. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

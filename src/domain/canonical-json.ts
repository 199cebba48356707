/** One text for one value, whatever the order of its keys: what is hashed. */

/**
 * JSON without white space, the keys of every object sorted by UTF-16 code unit; keys without a value are left out, as
 * `JSON.stringify` does. Takes what YAML and JSON can hold; a value that contains itself throws a `RangeError`.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Canonical JSON, from which hashes are made: equal values give equal text, whatever the order of their keys. */

/**
 * JSON without white space, with the keys of every object sorted by UTF-16 code unit. Keys whose value is `undefined` are
 * left out, as `JSON.stringify` does. Accepts what YAML and JSON can hold; a value that contains itself throws a
 * `RangeError`.
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

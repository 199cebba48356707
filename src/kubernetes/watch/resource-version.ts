/** The order of resourceVersions, which are decimal numbers of any length on every API server. */

const DECIMAL = /^(?:0|[1-9]\d*)$/;

/** Negative if `a` is older than `b`; `undefined` if one of them is not a number, so that the order is unknown. */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** False also if the order is unknown. */
export function isOlder(a: string, b: string): boolean {
  const order = compareResourceVersions(a, b);
  return order !== undefined && order < 0;
}

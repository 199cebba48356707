/** The order of resourceVersions: decimal numbers of any length, as every API server gives them. */

const DECIMAL = /^(?:0|[1-9]\d*)$/;

/** Negative when `a` is older than `b`; `undefined` when one of them is not a number, so that nothing is known. */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** False also when nothing is known. */
export function isOlder(a: string, b: string): boolean {
  const order = compareResourceVersions(a, b);
  return order !== undefined && order < 0;
}

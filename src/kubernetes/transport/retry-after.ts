/** Reads the `Retry-After` header (RFC 9110, 10.2.3): seconds or a date. */

/** Milliseconds from `now`, never negative; `undefined` if there is no value or it can't be parsed. */
export function parseRetryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

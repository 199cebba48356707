/** Arithmetic on times that may be absent, and the one format of times in our annotations. */

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Parses an RFC 3339 time. Anything else gives `undefined`, even if `Date` would accept it. */
export function parseInstant(text: unknown): Date | undefined {
  if (typeof text !== 'string' || !RFC_3339.test(text)) return undefined;
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  const time = new Date(text);
  if (Number.isNaN(midnight.getTime()) || Number.isNaN(time.getTime())) return undefined;
  // `Date` turns 30 February into 2 March.
  return midnight.toISOString().startsWith(day) ? time : undefined;
}

/** The earliest of the times that are defined. */
export function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times.reduce((first, time) => {
    if (first === undefined || time === undefined) return first ?? time;
    return time < first ? time : first;
  }, undefined);
}

/** The latest of the times that are defined. */
export function latest(times: readonly (Date | undefined)[]): Date | undefined {
  return times.reduce((last, time) => {
    if (last === undefined || time === undefined) return last ?? time;
    return time > last ? time : last;
  }, undefined);
}

export function after(time: Date, delayMs: number): Date {
  return new Date(time.getTime() + delayMs);
}

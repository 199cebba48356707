/** Small arithmetic on times that may be absent, and the one way in which our annotations spell them. */

/** Reads what `toISOString` writes; anything else, however like a time it looks, gives `undefined`. */
export function parseInstant(text: unknown): Date | undefined {
  if (typeof text !== 'string') return undefined;
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text ? time : undefined;
}

/** The earliest of the times that are there. */
export function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  return times.reduce((first, time) => {
    if (first === undefined || time === undefined) return first ?? time;
    return time < first ? time : first;
  }, undefined);
}

/** The latest of the times that are there. */
export function latest(times: readonly (Date | undefined)[]): Date | undefined {
  return times.reduce((last, time) => {
    if (last === undefined || time === undefined) return last ?? time;
    return time > last ? time : last;
  }, undefined);
}

export function after(time: Date, delayMs: number): Date {
  return new Date(time.getTime() + delayMs);
}

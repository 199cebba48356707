/** Small arithmetic on times that may be absent. */

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

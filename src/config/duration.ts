/** Parses durations as people write them: `10m`, `1h30m`, `90s`. */

const SHAPE = /^(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/;

/** Milliseconds; `undefined` unless the text has whole days, hours, minutes, seconds in this order, at least one. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '') return undefined;
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** Renders ages as `kubectl get` shows them: the server's rounding, at most two units. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Each scale applies to ages below `below`; with `small` two units are shown, else only the larger. */
const SCALES = [
  { below: 10 * MINUTE, unit: MINUTE, small: 1, names: ['m', 's'] },
  { below: 3 * HOUR, unit: MINUTE, names: ['m'] },
  { below: 8 * HOUR, unit: HOUR, small: MINUTE, names: ['h', 'm'] },
  { below: 2 * DAY, unit: HOUR, names: ['h'] },
  { below: 8 * DAY, unit: DAY, small: HOUR, names: ['d', 'h'] },
  { below: 2 * YEAR, unit: DAY, names: ['d'] },
  { below: 8 * YEAR, unit: YEAR, small: DAY, names: ['y', 'd'] },
  { below: Infinity, unit: YEAR, names: ['y'] },
] as const;

/** `since`: RFC 3339. `<unknown>` if there is none, `<invalid>` if it is in the future. */
export function renderAge(since: unknown, now: Date): string {
  const start = typeof since === 'string' ? Date.parse(since) : NaN;
  if (Number.isNaN(start)) return '<unknown>';
  return renderDuration(Math.trunc((now.getTime() - start) / 1000));
}

function renderDuration(seconds: number): string {
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  const scale = SCALES.find(({ below }) => seconds < below) ?? SCALES[7];
  const [large, small] = scale.names;
  const whole = `${Math.floor(seconds / scale.unit)}${large}`;
  const rest = 'small' in scale ? Math.floor((seconds % scale.unit) / scale.small) : 0;
  return rest === 0 ? whole : `${whole}${rest}${small ?? ''}`;
}

/** Turns a JSON log line into one for people at a terminal. */
import { parseJson, recordOf } from '../../base/json.ts';

const LEVEL_WIDTH = 5;

/** Such as `12:00:00.000 INFO  token minted profile=default`; a line that is not JSON stays as it is. */
export function renderPretty(line: string): string {
  const record = parseJson(line);
  if (typeof record !== 'object' || record === null) return line;
  const { time, level, msg, ...fields } = recordOf(record);
  const clock = String(time).slice(11, 23);
  const head = `${clock} ${String(level).toUpperCase().padEnd(LEVEL_WIDTH)} ${String(msg)}`;
  const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${renderValue(value)}`);
  return `${head}${tail.join('')}\n`;
}

/** Plain words are not quoted; everything else is JSON, so that no value can start a new line. */
function renderValue(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@-]+$/.test(value) ? value : JSON.stringify(value);
}

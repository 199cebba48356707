/** The time of the story: hours pass in seconds, on a clock of our own or by tokens that live shorter. */
import { setTimeout as pause } from 'node:timers/promises';

export interface StoryTime {
  now(): Date;
  /** What an hour of the story is on the clock that tokens live by, in ms. */
  readonly hourMs: number;
  /** Lets so many hours pass and calls `look` again and again meanwhile. */
  pass(hours: number, look: (at: string) => Promise<void>): Promise<void>;
  /** How long people wait for so many hours, in seconds. */
  waitS(hours: number): number;
  /** Hours and minutes since the story began, such as `31:05`. */
  label(): string;
}

const LOOK_EVERY_MS = 20;
/** Of real time: repairs take milliseconds, a busy machine and a real cluster a few seconds. */
const PATIENCE_MS = 20_000;

/** Looks until the answer is neither `undefined` nor `false`; throws an Error that says what was waited for in vain. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  limitMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** To the minute, such as `3 h 05 min`; what is less than one in seconds. */
export function tellHours(hours: number): string {
  if (hours * 60 < 1 - 1e-6) return `${Math.round(hours * 3600)} s`;
  const minutes = Math.round(hours * 60);
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (whole === 0) return `${rest} min`;
  return rest === 0 ? `${whole} h` : `${whole} h ${String(rest).padStart(2, '0')} min`;
}

/** Such as `05:07`. */
export function tellClock(hours: number): string {
  const minutes = Math.floor(hours * 60 + 1e-6);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The time of the story: hours pass in seconds, on our own clock or because tokens live shorter. */
import { setTimeout as pause } from 'node:timers/promises';

export interface StoryTime {
  now(): Date;
  /** An hour of the story in ms of the clock that tokens live by. */
  readonly hourMs: number;
  /** Lets that many hours pass and calls `onTick` repeatedly meanwhile. */
  pass(hours: number, onTick: (at: string) => Promise<void>): Promise<void>;
  /** How long people wait for that many hours, in seconds. */
  waitS(hours: number): number;
  /** Hours and minutes since the story began, such as `31:05`. */
  label(): string;
}

const POLL_EVERY_MS = 20;
/** Real time: repairs take milliseconds, or a few seconds on a busy machine and a real cluster. */
const PATIENCE_MS = 20_000;

/** Polls until the answer is neither `undefined` nor `false`; throws an Error that names `what` after `limitMs`. */
export async function until<T>(
  what: string,
  poll: () => Promise<T | undefined | false>,
  limitMs = PATIENCE_MS,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = await poll();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) throw new Error(`timed out waiting for ${what}`);
    await pause(POLL_EVERY_MS);
  }
}

/** To the minute, such as `3 h 05 min`; less than a minute in seconds. */
export function formatHours(hours: number): string {
  if (hours * 60 < 1 - 1e-6) return `${Math.round(hours * 3600)} s`;
  const minutes = Math.round(hours * 60);
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (whole === 0) return `${rest} min`;
  return rest === 0 ? `${whole} h` : `${whole} h ${String(rest).padStart(2, '0')} min`;
}

/** Such as `05:07`. */
export function formatClock(hours: number): string {
  const minutes = Math.floor(hours * 60 + 1e-6);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

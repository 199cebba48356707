/** Cron schedules in UTC: node-cron matches the expression, and the injected clock gives the time. */
import { createTask, parse, validate } from 'node-cron';
import type { Clock } from './clock.ts';

const MINUTE_MS = 60_000;
/** On a machine that has slept for long, what fell due before this is not made up for. */
const LOOK_BACK_MS = 24 * 60 * MINUTE_MS;

/** Whether this is a valid cron expression. */
export function isSchedule(expression: string): boolean {
  return validate(expression);
}

/** A schedule that falls due by the wall clock, counted from its creation. To be asked at every tick. */
export class Schedule {
  readonly #clock: Clock;
  readonly #fields: ReturnType<typeof parse>;
  readonly #matches: (at: Date) => boolean;
  #askedMs: number;

  /** `expression` has been validated with the configuration. */
  constructor(expression: string, clock: Clock) {
    this.#clock = clock;
    this.#fields = parse(expression);
    const task = createTask(expression, () => undefined, { timezone: 'UTC' });
    // It is used for matching only: its timers would go by the machine's clock.
    void task.destroy();
    this.#matches = (at) => task.match(at);
    this.#askedMs = clock.now().getTime();
  }

  /** Whether it fell due, once or more often, since the last call. */
  isDue(): boolean {
    const nowMs = this.#clock.now().getTime();
    const afterMs = Math.max(this.#askedMs, nowMs - LOOK_BACK_MS);
    this.#askedMs = nowMs;
    for (let ms = afterMs - (afterMs % MINUTE_MS); ms <= nowMs; ms += MINUTE_MS) {
      for (const second of this.#fields.second) {
        const atMs = ms + second * 1000;
        if (atMs > afterMs && atMs <= nowMs && this.#fits(new Date(atMs))) return true;
      }
    }
    return false;
  }

  #fits(at: Date): boolean {
    const { hour, minute } = this.#fields;
    // Checked first, because node-cron formats a date for each match.
    const isTime = minute.includes(at.getUTCMinutes()) && hour.includes(at.getUTCHours());
    return isTime && this.#matches(at);
  }
}

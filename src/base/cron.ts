/** Cron, in UTC: node-cron judges the expression, the clock that is given says what time it is. */
import { createTask, parse, validate } from 'node-cron';
import type { Clock } from './clock.ts';

const MINUTE_MS = 60_000;
/** What fell due before that is not made up for, on a machine that has slept for long. */
const LOOK_BACK_MS = 24 * 60 * MINUTE_MS;

/** Whether a cron expression can be run. */
export function isSchedule(expression: string): boolean {
  return validate(expression);
}

/** Falls due by the wall clock, from its making on. To be asked at every tick. */
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
    // It only tells what matches: its timers would go by the clock of the machine.
    void task.destroy();
    this.#matches = (at) => task.match(at);
    this.#askedMs = clock.now().getTime();
  }

  /** Whether it fell due since it was last asked, once or more often. */
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
    // First: node-cron formats a date for each answer.
    const isTime = minute.includes(at.getUTCMinutes()) && hour.includes(at.getUTCHours());
    return isTime && this.#matches(at);
  }
}

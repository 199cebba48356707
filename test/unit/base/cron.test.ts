import { describe, expect, it } from '@jest/globals';
import { isSchedule, Schedule } from '../../../src/base/cron.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('isSchedule', () => {
  it.each(['7 * * * *', '*/5 * * * *', '0 3 * * 1-5', '0 0 1 JAN *', '* * * * * *'])(
    'accepts %j',
    (expression) => {
      expect(isSchedule(expression)).toBe(true);
    },
  );

  it.each(['', ' ', 'hourly', '61 * * * *', '* * * *', '7 * * * * * *', '7 25 * * *', '* * * * 9'])(
    'refuses %j',
    (expression) => {
      expect(isSchedule(expression)).toBe(false);
    },
  );
});

describe('Schedule', () => {
  /** The times of a day at which it is found due, if it is asked every 15 s from midnight on. */
  async function dueTimes(expression: string, start = '2026-01-01T00:00:00Z') {
    const clock = new VirtualClock({ start: new Date(start) });
    const schedule = new Schedule(expression, clock);
    const times: string[] = [];
    for (let ms = 0; ms < DAY_MS; ms += 15_000) {
      await clock.advance(15_000);
      if (schedule.isDue()) times.push(clock.now().toISOString().slice(11, 19));
    }
    return times;
  }

  it('is due once at each of its times, in UTC', async () => {
    const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

    expect(await dueTimes('7 * * * *')).toEqual(hours.map((hour) => `${hour}:07:00`));
    expect(await dueTimes('30 3,15 * * *')).toEqual(['03:30:00', '15:30:00']);
    expect(await dueTimes('0 3 * * 1-5', '2026-01-03T00:00:00Z')).toEqual([]);
  });

  it('is due at the first check after its time', async () => {
    const clock = new VirtualClock({ start: new Date('2026-01-01T00:06:50Z') });
    const schedule = new Schedule('7 * * * *', clock);
    await clock.advance(9_999);
    expect(schedule.isDue()).toBe(false);
    await clock.advance(5_001);
    expect(schedule.isDue()).toBe(true);
    expect(schedule.isDue()).toBe(false);
  });

  it('is due once after a jump of the clock or a sleep of the machine, whatever was missed', () => {
    const clock = new VirtualClock({ start: new Date('2026-01-01T00:00:00Z') });
    const schedule = new Schedule('7 * * * *', clock);
    clock.jump(400 * DAY_MS);
    expect(schedule.isDue()).toBe(true);
    expect(schedule.isDue()).toBe(false);
  });

  it('follows the new time after the clock has been set back', async () => {
    const clock = new VirtualClock({ start: new Date('2026-01-01T12:00:00Z') });
    const schedule = new Schedule('7 * * * *', clock);
    clock.jump(-2 * HOUR_MS);
    expect(schedule.isDue()).toBe(false);
    await clock.advance(7 * 60_000);
    expect(schedule.isDue()).toBe(true);
  });

  it('is not due before its start', () => {
    const clock = new VirtualClock({ start: new Date('2026-01-01T00:07:00Z') });

    expect(new Schedule('7 * * * *', clock).isDue()).toBe(false);
  });
});

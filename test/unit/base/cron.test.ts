import { afterEach, describe, expect, it } from '@jest/globals';
import { type Schedule, isSchedule, startSweeps } from '../../../src/base/cron.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { RecordedLog } from '../../support/ports/recorded-log.ts';

const EVERY_SECOND = '* * * * * *';
const patience = { what: 'a sweep', limitMs: 5000, everyMs: 10 };

describe('isSchedule', () => {
  it.each(['7 * * * *', '*/5 * * * *', '0 3 * * 1-5', '0 0 1 JAN *', EVERY_SECOND])(
    'takes %j',
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

describe('startSweeps', () => {
  let schedule: Schedule | undefined;
  afterEach(async () => {
    await schedule?.stop();
  });

  it('sweeps by the expression, and goes on after a sweep that fails', async () => {
    const log = new RecordedLog();
    let sweeps = 0;
    schedule = startSweeps(
      EVERY_SECOND,
      () => {
        sweeps += 1;
        throw new Error('a fault of the sweep');
      },
      log,
    );
    expect(sweeps).toBe(0);
    await eventually(patience, () => sweeps >= 2);
    expect(log.messages('warn')).toContain('cron warns');
  });

  it('sweeps no more once it is stopped', async () => {
    let stopped = 0;
    let others = 0;
    const log = new RecordedLog();
    const first = startSweeps(EVERY_SECOND, () => (stopped += 1), log);
    await first.stop();
    schedule = startSweeps(EVERY_SECOND, () => (others += 1), log);
    await eventually(patience, () => others >= 1);
    expect(stopped).toBe(0);
  });

  it('is not run at once by an expression whose time is far', async () => {
    let sweeps = 0;
    const log = new RecordedLog();
    schedule = startSweeps('0 0 29 2 *', () => (sweeps += 1), log);
    await schedule.stop();
    expect(sweeps).toBe(0);
    expect(log.messages('warn')).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isSchedule } from '../../../../src/base/cron.ts';
import { NEVER, SCHEDULE } from '../../../../src/config/patterns/schedule-pattern.ts';

const isTaken = (text: string) => SCHEDULE.test(text) && !NEVER.test(text);

const DAYS = ['30', '31', '30-31', '31-30', '29', '30-31/2', '31-5/9', '*', 'L', '31-1'];
const MONTHS = [
  '2',
  'feb',
  '4,JUN',
  '2-4/2',
  '11-2/3',
  '4-6',
  '4-4',
  '*/2',
  '9-11/2',
  '1',
  '12-2/2',
];
const field = fc.oneof(
  fc.constantFrom(
    '*',
    '?',
    '0',
    '5-7',
    '7-5',
    '*/3',
    '1,L',
    '15W',
    'mon',
    'fri#2',
    '5L',
    '8',
    '60',
    '',
  ),
  fc.constantFrom(...DAYS, ...MONTHS),
);
const five = fc.tuple(field, field, field, field, field).map((fields) => fields.join(' '));
/** Only the day and the month vary, so that most can run, or could if the day existed. */
const dated = fc
  .tuple(fc.constantFrom(...DAYS), fc.constantFrom(...MONTHS))
  .map(([day, month]) => `0 0 ${day} ${month} *`);

describe('a schedule of the configuration', () => {
  it('can be run by node-cron, whatever part of the grammar it uses', () => {
    fc.assert(
      fc.property(fc.stringMatching(SCHEDULE, { size: 'xsmall' }), (text) => {
        expect([text, isTaken(text) && !isSchedule(text)]).toEqual([text, false]);
      }),
      { numRuns: 1000 },
    );
  });

  it('can be run by node-cron, whatever its parts are', () => {
    fc.assert(
      fc.property(fc.oneof(five, dated), (text) => {
        expect([text, isTaken(text) && !isSchedule(text)]).toEqual([text, false]);
      }),
      { numRuns: 2000 },
    );
  });

  // Otherwise the pattern could refuse the default and still pass the tests above.
  it('is accepted if node-cron accepts it, except for days in a range of months with a step', () => {
    const months = MONTHS.filter((month) => !month.includes('/'));
    for (const text of DAYS.filter((day) => !day.includes('/')).flatMap((day) =>
      months.map((month) => `0 0 ${day} ${month} *`),
    )) {
      expect([text, isTaken(text)]).toEqual([text, isSchedule(text)]);
    }
  });

  it.each([
    '7 * * * *',
    '*/5 1-3 1,15 JAN-mar Monday',
    '0 0 LW,l-3,15w * ?',
    '0 22-3/2 * * 5L,1#3',
  ])('is accepted as %s', (text) => {
    expect([isTaken(text), isSchedule(text)]).toEqual([true, true]);
  });

  // node-cron would reverse the first and accept the second: nobody writes either on purpose.
  it.each(['70-10 * * * *', '0007 * * * *', '0 0 31 2-12/2 *'])('is refused as %s', (text) => {
    expect(isTaken(text)).toBe(false);
  });

  it('is checked quickly, however long it is', () => {
    const startedAt = performance.now();

    expect(isTaken(`${'1,'.repeat(200_000)}x * * * *`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

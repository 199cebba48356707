import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseDurationMs } from '../../../../src/config/duration.ts';
import { UP_TO_30_DAYS } from '../../../../src/config/patterns/grace-pattern.ts';

const LIMIT_SECONDS = 30 * 86_400;

describe('a grace', () => {
  it('is never over 30 days', () => {
    fc.assert(
      fc.property(fc.stringMatching(UP_TO_30_DAYS), (text) => {
        expect(parseDurationMs(text)).toBeLessThanOrEqual(LIMIT_SECONDS * 1000);
      }),
      { numRuns: 1000 },
    );
  });

  it('may be any duration up to 30 days, in each of its plain spellings', () => {
    const near = fc.integer({ min: LIMIT_SECONDS - 100, max: LIMIT_SECONDS + 100 });
    fc.assert(
      fc.property(
        fc.oneof(fc.nat({ max: 2 * LIMIT_SECONDS }), near),
        fc.nat({ max: 3 }),
        (seconds, first) => {
          const text = spell(seconds, first);

          expect(parseDurationMs(text)).toBe(seconds * 1000);
          expect([text, UP_TO_30_DAYS.test(text)]).toEqual([text, seconds <= LIMIT_SECONDS]);
        },
      ),
    );
  });

  it.each(['0s', '10m', '010h', '1h90m', '9d99h9999m99999s', '30d0h00m0s', '00030d'])(
    'may be %s',
    (text) => {
      expect(UP_TO_30_DAYS.test(text)).toBe(true);
    },
  );

  // The last two are less than 30 days, but a pattern cannot add.
  it.each(['', '10', 'd', '30d1s', '0100d', '9'.repeat(8) + 's', '1m1h', '12d30h', '100h90m'])(
    'may not be %j',
    (text) => {
      expect(UP_TO_30_DAYS.test(text)).toBe(false);
    },
  );
});

/** From the given unit downwards: each number is below one of the unit before it. */
function spell(seconds: number, first: number): string {
  const parts = [86_400, 3_600, 60, 1].slice(first).map((size, index, sizes) => {
    const rest = index === 0 ? seconds : seconds % (sizes[index - 1] ?? 1);
    return `${Math.floor(rest / size)}${'dhms'[first + index]}`;
  });
  return parts.join('');
}

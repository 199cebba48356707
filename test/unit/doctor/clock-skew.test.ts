import { describe, expect, it } from '@jest/globals';
import { checkClock } from '../../../src/doctor/clock-skew.ts';

describe('checkClock', () => {
  it.each([
    [0, 'ok', "its clock agrees with this machine's clock, to the second"],
    [400, 'ok', "its clock agrees with this machine's clock, to the second"],
    [-5_000, 'ok', "its clock is 5 s behind this machine's clock"],
    [5_001, 'warning', "its clock is 5 s ahead of this machine's clock; harmless so far"],
    [-300_000, 'warning', "its clock is 300 s behind this machine's clock; harmless so far"],
    [300_001, 'failed', "its clock is 300 s ahead of this machine's clock; AWS rejects signatures"],
    [
      -86_400_000,
      'failed',
      "its clock is 86400 s behind this machine's clock; AWS rejects signatures",
    ],
  ])('with AWS %i ms ahead returns %s', (aheadMs, status, message) => {
    const check = checkClock('AWS', aheadMs);
    expect(check).toMatchObject({ status, message: expect.stringContaining(message) });
    expect('fix' in check).toBe(status !== 'ok');
  });

  it('says of the API server that leader election is unaffected, and what breaks', () => {
    expect(checkClock('API server', 400_000)).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/leader election is unaffected.*STS rejects/),
    });
  });

  it('draws no conclusion if no answer had a date', () => {
    expect(checkClock('AWS', undefined)).toMatchObject({ status: 'skipped' });
  });
});

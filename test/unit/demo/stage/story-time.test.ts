import { describe, expect, it } from '@jest/globals';
import { formatClock, formatHours, until } from '../../../../demo/stage/story-time.ts';

describe('formatHours', () => {
  it.each([
    [12, '12 h'],
    [3.0834, '3 h 05 min'],
    [1 / 6, '10 min'],
    [1 / 120, '30 s'],
    [11.9999, '12 h'],
    [0.9999, '1 h'],
  ])('shows %s as %s', (hours, shown) => {
    expect(formatHours(hours)).toBe(shown);
  });
});

describe('formatClock', () => {
  it.each([
    [0, '00:00'],
    [5, '05:00'],
    [16.25, '16:15'],
    [31.1, '31:06'],
  ])('shows %s as %s', (hours, shown) => {
    expect(formatClock(hours)).toBe(shown);
  });
});

describe('until', () => {
  it('returns the first answer that is not undefined', async () => {
    const answers = [undefined, false, 'here'] as const;
    let calls = 0;

    expect(await until('it', () => Promise.resolve(answers[calls++]))).toBe('here');
  });

  it('names what it waited for in vain', async () => {
    const never = until('the end', () => Promise.resolve(undefined), 1);

    await expect(never).rejects.toThrow('timed out waiting for the end');
  });
});

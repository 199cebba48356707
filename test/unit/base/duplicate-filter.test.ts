import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DuplicateFilter, isRecent } from '../../../src/base/duplicate-filter.ts';

const WINDOW_MS = 60_000;

describe('DuplicateFilter', () => {
  it('tells different reports apart', () => {
    const filter = new DuplicateFilter(WINDOW_MS);

    const passed = ['one', 'other', 'one'].map((key) => filter.isNews(key, 'is broken', 0));

    expect(passed).toEqual([true, true, false]);
  });

  it('never lets the same report through again without a window, or before the window is over', () => {
    const filter = new DuplicateFilter();

    const passed = [filter.isNews('it'), filter.isNews('it')];
    const wasReported = [filter.forget('it'), filter.forget('it')];

    expect([passed, wasReported]).toEqual([
      [true, false],
      [true, false],
    ]);
    expect(filter.isNews('it')).toBe(true);
  });

  it('forgets the oldest report rather than growing for ever', () => {
    const filter = new DuplicateFilter();
    filter.isNews('first', 'as it was');
    filter.isNews('second');
    filter.isNews('first', 'as it is');
    for (let n = 0; n < 9_999; n += 1) filter.isNews(`other ${n}`);

    expect(filter.isNews('first', 'as it is')).toBe(false);
    expect(filter.isNews('second')).toBe(true);
  });

  it('silences exactly what repeats the last report of the same clock within a window', () => {
    const reports = fc.array(
      fc.record({
        stepMs: fc.integer({ min: -90_000, max: 90_000 }),
        content: fc.constantFrom('a', 'b'),
      }),
    );
    fc.assert(
      fc.property(reports, (all) => {
        const filter = new DuplicateFilter(WINDOW_MS);
        let nowMs = 0;
        let last = { atMs: Infinity, content: '' };
        for (const { stepMs, content } of all) {
          nowMs += stepMs;
          const isRepeated = content === last.content;
          const isNow = last.atMs <= nowMs && nowMs < last.atMs + WINDOW_MS;

          const isNews = filter.isNews('it', content, nowMs);

          expect(isNews).toBe(!(isRepeated && isNow));
          if (isNews) last = { atMs: nowMs, content };
        }
      }),
    );
  });
});

describe('isRecent', () => {
  it('is true for what is younger than the window, and not from the future', () => {
    const ages = [-1, 0, WINDOW_MS - 1, WINDOW_MS];

    expect(ages.map((ageMs) => isRecent(1_000_000 - ageMs, 1_000_000, WINDOW_MS))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

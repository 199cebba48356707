import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffMs } from '../../../src/base/backoff.ts';

type Limits = Parameters<typeof backoffMs>[1];

const limits = fc.record({
  firstMs: fc.integer({ min: 1, max: 1_000 }),
  longestMs: fc.integer({ min: 1_000, max: 60_000 }),
  jitter: fc.constantFrom(0, 0.5, 1),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function ceilings(ofLimits: Limits, failures: readonly number[]): readonly number[] {
  return failures.map((count) => backoffMs(count, ofLimits));
}

describe('backoffMs', () => {
  it('doubles from the first delay to the longest, and stays there for ever', () => {
    expect(ceilings({ firstMs: 100, longestMs: 1_000 }, [1, 2, 3, 4, 5, 6, 5_000])).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
  });

  it('varies at random by no more than the jitter', () => {
    const delays = [0, 0.5, 1].map((jitter) => {
      const ofLimits = { firstMs: 100, longestMs: 1_000, jitter };
      return [0, 0.5, 1].map((random) => backoffMs(1, ofLimits, () => random));
    });

    expect(delays).toEqual([
      [100, 100, 100],
      [50, 75, 100],
      [0, 50, 100],
    ]);
  });

  it('is never longer than the limit, and never shorter than the jitter allows', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 2_000 }), chance, (of, failures, random) => {
        const delayMs = backoffMs(failures, of, () => random);
        const ceilingMs = backoffMs(failures, of);

        expect(ceilingMs).toBeGreaterThanOrEqual(of.firstMs);
        expect(ceilingMs).toBeLessThanOrEqual(of.longestMs);
        expect(delayMs).toBeGreaterThanOrEqual(ceilingMs * (1 - of.jitter));
        expect(delayMs).toBeLessThanOrEqual(ceilingMs);
      }),
    );
  });

  it('never gets shorter with one more failure, for the same random value', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 2_000 }), chance, (of, failures, random) => {
        const [before, after] = [failures, failures + 1].map((n) => backoffMs(n, of, () => random));

        expect(after).toBeGreaterThanOrEqual(before ?? Infinity);
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MintPacing } from '../../../../src/controller/tokens/mint-pacing.ts';
import { TransientError } from '../../../../src/domain/errors.ts';

const START_MS = 1_000_000;
const failure = new TransientError("can't mint an ECR token in eu-west-1: failed", {
  code: 'ECR_X',
});

/** How long no mint may start after this many failures in a row. */
function pauseAfter(failures: number, about: { random: number; liveForMs?: number }): number {
  const pacing = new MintPacing(() => about.random);
  for (let n = 0; n < failures; n++) pacing.failed(failure, START_MS, about.liveForMs);
  return pacing.blockedForMs(START_MS);
}

describe('MintPacing', () => {
  it('doubles the pause with each failure, up to a minute', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 30].map((n) => pauseAfter(n, { random: 1 }));

    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('never pauses for more than a third of the remaining lifetime of the live token', () => {
    expect(pauseAfter(30, { random: 1, liveForMs: 600_000 })).toBe(60_000);
    expect(pauseAfter(30, { random: 1, liveForMs: 90_000 })).toBe(30_000);
    expect(pauseAfter(30, { random: 0, liveForMs: 90_000 })).toBe(15_000);
    expect(pauseAfter(1, { random: 1, liveForMs: 90_000 })).toBe(1_000);
  });

  it('mints at most twice a second in the last moments of a token', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: -10_000, max: 3_000 }),
        (failures, random, liveForMs) => {
          expect(pauseAfter(failures, { random, liveForMs })).toBeGreaterThanOrEqual(500);
        },
      ),
    );
  });

  it('returns to long pauses once the token has expired: nothing is left to save', () => {
    expect(pauseAfter(30, { random: 1, liveForMs: -1 })).toBe(60_000);
    expect(pauseAfter(30, { random: 1 })).toBe(60_000);
  });

  it('finds the end of an outage before the token expires, if a quarter of the remaining time is left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60_000, max: 3_600_000 }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (liveForMs, randoms) => {
          let turn = 0;
          const pacing = new MintPacing(() => randoms[(turn += 1) % randoms.length] ?? 0);
          let passedMs = 0;
          while (passedMs < liveForMs * 0.75) {
            pacing.failed(failure, passedMs, liveForMs - passedMs);
            passedMs += pacing.blockedForMs(passedMs);
          }
          expect(passedMs).toBeLessThan(liveForMs);
        },
      ),
    );
  });

  it('reports neither failing nor working before the first attempt has ended', () => {
    const pacing = new MintPacing(() => 0);
    const before = pacing.isFailing(START_MS);
    pacing.minted(START_MS);

    expect([before, pacing.isFailing(START_MS)]).toEqual([undefined, undefined]);
  });

  it('reports working once an attempt has succeeded, also before a relapse and after it', () => {
    const pacing = new MintPacing(() => 0);
    const reported = [
      () => pacing.recovered(),
      () => pacing.failed(failure, START_MS, undefined),
    ].map((happen) => {
      happen();
      return [pacing.isFailing(START_MS), pacing.failures, pacing.lastFailure];
    });
    pacing.recovered();

    expect(reported).toEqual([
      [false, 0, undefined],
      [true, 1, failure],
    ]);
    expect([pacing.isFailing(START_MS), pacing.failures, pacing.lastFailure]).toEqual([
      false,
      0,
      undefined,
    ]);
  });

  it('reports failing from its first failure until requests stop', () => {
    const pacing = new MintPacing(() => 0);
    pacing.failed(failure, START_MS, undefined);

    expect([0, 300_000 - 1].map((ms) => pacing.isFailing(START_MS + ms))).toEqual([true, true]);
    expect(pacing.isFailing(START_MS + 300_000)).toBe(false);
  });
});

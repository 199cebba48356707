import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MintPacing } from '../../../../src/controller/tokens/mint-pacing.ts';
import {
  type ControllerError,
  StalledError,
  TransientError,
} from '../../../../src/domain/errors.ts';

const START_MS = 1_000_000;
const failure = new TransientError("can't mint an ECR token in eu-west-1: failed", {
  code: 'ECR_X',
});

/** How long no mint may start after this many failures in a row. */
function pauseAfter(failures: number, about: { random: number; liveForMs?: number }): number {
  const pacing = new MintPacing(() => about.random);
  for (let n = 0; n < failures; n++) fail(pacing, START_MS, { liveForMs: about.liveForMs });
  return pacing.blockedForMs(START_MS, false);
}

/** The call failed at once, unless it took that long. */
function fail(
  pacing: MintPacing,
  nowMs: number,
  {
    liveForMs,
    tookMs = 0,
    error = failure,
  }: { liveForMs?: number | undefined; tookMs?: number; error?: ControllerError } = {},
): void {
  pacing.failed(error, { sentAtMs: nowMs - tookMs, nowMs, liveForMs });
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
            fail(pacing, passedMs, { liveForMs: liveForMs - passedMs });
            passedMs += pacing.blockedForMs(passedMs, false);
          }
          expect(passedMs).toBeLessThan(liveForMs);
        },
      ),
    );
  });

  describe('while a Secret without a live token waits', () => {
    const denied = new StalledError('denied', { code: 'ECR_ACCESS_DENIED' });
    const randoms = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 });
    /** How long each call of a series took until it failed. */
    const series = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 60 });

    function pacingOf(values: readonly number[]): MintPacing {
      let turn = 0;
      return new MintPacing(() => values[(turn += 1) % values.length] ?? 0);
    }

    it('mints again five seconds after the last call was sent, or a second after it was swallowed', () => {
      const after = [0, 300, 3_900, 4_500, 10_000].map((tookMs) => {
        const pacing = new MintPacing(() => 1);
        for (let n = 0; n < 30; n += 1) fail(pacing, START_MS, { tookMs });
        return pacing.blockedForMs(START_MS, true);
      });

      expect(after).toEqual([5_000, 4_700, 1_100, 1_000, 1_000]);
    });

    it('calls at most once every five seconds, but for the first three times, and never pauses longer', () => {
      fc.assert(
        fc.property(series, randoms, (durations, values) => {
          const pacing = pacingOf(values);
          let nowMs = 0;
          const sentAt = durations.map((tookMs) => {
            const sentAtMs = nowMs;
            nowMs += tookMs;
            fail(pacing, nowMs, { tookMs });
            const pauseMs = pacing.blockedForMs(nowMs, true);
            expect(pauseMs).toBeLessThanOrEqual(5_000);
            nowMs += pauseMs;
            return sentAtMs;
          });
          const gaps = sentAt.slice(1).map((atMs, n) => atMs - (sentAt[n] ?? 0));
          // The fourth pause can be as short as four seconds.
          expect(gaps.slice(4).filter((gapMs) => gapMs < 5_000)).toEqual([]);
          expect(gaps.filter((gapMs) => gapMs < 500)).toEqual([]);
        }),
      );
    });

    it('pauses as long as for anybody else after a failure that needs a person', () => {
      fc.assert(
        fc.property(series, randoms, (durations, values) => {
          const pacing = pacingOf(values);
          for (const tookMs of durations) {
            fail(pacing, START_MS, { tookMs, error: denied });
            expect(pacing.blockedForMs(START_MS, true)).toBe(pacing.blockedForMs(START_MS, false));
          }
        }),
      );
    });

    it('never waits longer than those who have a live token', () => {
      fc.assert(
        fc.property(
          series,
          randoms,
          fc.option(fc.integer({ max: 3_600_000 })),
          (durations, values, leftMs) => {
            const pacing = pacingOf(values);
            for (const tookMs of durations) {
              fail(pacing, START_MS, { tookMs, liveForMs: leftMs ?? undefined });
              const [short, long] = [true, false].map((is) => pacing.blockedForMs(START_MS, is));
              expect(short).toBeLessThanOrEqual(long ?? 0);
            }
          },
        ),
      );
    });

    it('still leaves ten seconds after a mint', () => {
      const pacing = new MintPacing(() => 0);
      pacing.minted(START_MS);
      pacing.recovered();

      expect(pacing.blockedForMs(START_MS, true)).toBe(10_000);
    });
  });

  it('reports neither failing nor working before the first attempt has ended', () => {
    const pacing = new MintPacing(() => 0);
    const before = pacing.isFailing(START_MS);
    pacing.minted(START_MS);

    expect([before, pacing.isFailing(START_MS)]).toEqual([undefined, undefined]);
  });

  it('reports working once an attempt has succeeded, also before a relapse and after it', () => {
    const pacing = new MintPacing(() => 0);
    const reported = [() => pacing.recovered(), () => fail(pacing, START_MS)].map((happen) => {
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
    fail(pacing, START_MS);

    expect([0, 300_000 - 1].map((ms) => pacing.isFailing(START_MS + ms))).toEqual([true, true]);
    expect(pacing.isFailing(START_MS + 300_000)).toBe(false);
  });
});

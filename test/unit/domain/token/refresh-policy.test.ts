import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { believeExpiry, dueAt, jitterOf } from '../../../../src/domain/token/refresh-policy.ts';
import { parseOk } from '../../../support/values/config-text.ts';

const HOUR_MS = 3_600_000;
/** From an empty configuration. */
const { refresh } = parseOk('').settings;
const mintedAt = new Date('2026-01-01T00:00:00Z');
const later = (ms: number) => new Date(mintedAt.getTime() + ms);

describe('jitterOf', () => {
  it('is a fixed number in [0, 1) for any UID', () => {
    fc.assert(
      fc.property(fc.string(), (uid) => {
        const jitter = jitterOf(uid);
        expect(jitter).toBe(jitterOf(uid));
        expect(jitter).toBeGreaterThanOrEqual(0);
        expect(jitter).toBeLessThan(1);
      }),
    );
  });

  it('spreads namespaces evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 5_000; n++) {
      const tenth = Math.floor(jitterOf(`uid-${n}`) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }

    for (const count of tenths) expect(Math.abs(count - 500)).toBeLessThan(100);
  });

  it('is pinned: a release that changes it would move every refresh at once', () => {
    expect(jitterOf('5a0a7ba5-6a4b-4d2f-8a86-1f0c5d3f9e21')).toBeCloseTo(0.24069791823206543, 12);
  });
});

describe('dueAt', () => {
  it('is by default two fifths of the lifetime of that token, plus up to a tenth', () => {
    const token = { mintedAt, expiresAt: later(12 * HOUR_MS) };

    expect(dueAt(token, 0, refresh)).toEqual(later(4.8 * HOUR_MS));
    expect(dueAt(token, 0.5, refresh)).toEqual(later(5.4 * HOUR_MS));
  });

  it('leaves half of the lifetime by default, however short or long that is and for any namespace', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * HOUR_MS }), fc.string(), (lifetimeMs, uid) => {
        const token = { mintedAt, expiresAt: later(lifetimeMs) };
        const leftMs = token.expiresAt.getTime() - dueAt(token, jitterOf(uid), refresh).getTime();
        expect(leftMs).toBeGreaterThanOrEqual(lifetimeMs / 2);
      }),
    );
  });

  it('falls inside the lifetime, and later for a greater jitter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 24 * HOUR_MS }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (lifetimeMs, u, v) => {
          const token = { mintedAt, expiresAt: later(lifetimeMs) };
          const [first, second] = [
            dueAt(token, Math.min(u, v), refresh),
            dueAt(token, Math.max(u, v), refresh),
          ];
          expect(first.getTime()).toBeGreaterThanOrEqual(mintedAt.getTime() + lifetimeMs * 0.4 - 1);
          expect(second.getTime()).toBeLessThan(mintedAt.getTime() + lifetimeMs * 0.5);
          expect(first.getTime()).toBeLessThanOrEqual(second.getTime());
        },
      ),
    );
  });
});

describe('believeExpiry', () => {
  const arrivedAt = later(200);
  const guess = { expiresAt: later(HOUR_MS), trusted: false };

  it('does not believe an expiry that is missing, no date, past on arrival or more than a day away', () => {
    const unbelievable = [
      undefined,
      new Date(NaN),
      new Date('2015-01-01T00:00:00Z'),
      arrivedAt,
      new Date(arrivedAt.getTime() + 24 * HOUR_MS + 1),
    ];

    for (const expiresAt of unbelievable) {
      expect(believeExpiry({ mintedAt, arrivedAt, expiresAt })).toEqual(guess);
    }
  });

  it('accepts any other expiry unchanged, and never returns one that is past', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: false }), (expiresAt) => {
        const believed = believeExpiry({ mintedAt, arrivedAt, expiresAt });
        expect(believed.expiresAt.getTime()).toBeGreaterThan(arrivedAt.getTime());
        expect(believed.expiresAt).toEqual(believed.trusted ? expiresAt : guess.expiresAt);
      }),
    );
  });

  it('never lengthens a short life', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 * HOUR_MS }), (remainingMs) => {
        const expiresAt = new Date(arrivedAt.getTime() + remainingMs);
        expect(believeExpiry({ mintedAt, arrivedAt, expiresAt })).toEqual({
          expiresAt,
          trusted: true,
        });
      }),
    );
  });
});

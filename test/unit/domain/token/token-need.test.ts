/** Which of two tokens is newer when the clocks that dated them cannot be trusted. */
import { describe, expect, it } from '@jest/globals';
import { type TokenNeed, isFresh, isUsable } from '../../../../src/domain/token/token-need.ts';
import type { RegistryToken } from '../../../../src/domain/token/registry-token.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  NOW,
  aToken,
  aTokenNeed,
  inMs,
} from '../../../support/values/builders.ts';

const SECOND_MS = 1_000;

/** From a Secret that holds a live token. */
function need(change: Partial<TokenNeed> = {}): TokenNeed {
  return aTokenNeed({ holdsLiveToken: true, ...change });
}

/** Minted this long ago, with this much of its lifetime left. */
function token(ageMs: number, leftMs: number): RegistryToken {
  return aToken({ mintedAt: inMs(-ageMs), expiresAt: inMs(leftMs) });
}

interface Row {
  readonly when: string;
  readonly token: RegistryToken;
  readonly need?: Partial<TokenNeed>;
  readonly usable: boolean;
}

const hourOld = token(HOUR_MS, 11 * HOUR_MS);
const rows: readonly Row[] = [
  { when: 'is live and any will do', token: hourOld, usable: true },
  { when: 'has expired', token: token(12 * HOUR_MS, 0), usable: false },
  {
    when: "expires before the Secret's own, though dated later",
    token: hourOld,
    need: { notBefore: inMs(-2 * HOUR_MS), notOutlivedBy: inMs(11 * HOUR_MS + 1) },
    usable: false,
  },
  {
    when: "expires with the Secret's own: it is the same one",
    token: hourOld,
    need: { notOutlivedBy: hourOld.expiresAt },
    usable: true,
  },
  {
    when: "expires before the Secret's own, but was minted just now",
    token: token(10 * SECOND_MS, HOUR_MS),
    need: { notOutlivedBy: inMs(9 * HOUR_MS) },
    usable: true,
  },
  {
    when: "expires before the Secret's own, and was minted slightly too long ago",
    token: token(10 * SECOND_MS + 1, HOUR_MS),
    need: { notOutlivedBy: inMs(9 * HOUR_MS) },
    usable: false,
  },
  {
    when: "expires before the Secret's own, and is dated in the future: not minted just now",
    token: token(-1, HOUR_MS),
    need: { notOutlivedBy: inMs(9 * HOUR_MS) },
    usable: false,
  },
  {
    when: "outlives the Secret's own, which is dated in the future",
    token: hourOld,
    need: { notOutlivedBy: inMs(11 * HOUR_MS - 1) },
    usable: true,
  },
  {
    when: "was minted just now, but before the Secret's own by another leader",
    token: token(5 * SECOND_MS, 12 * HOUR_MS - 5 * SECOND_MS),
    need: { notBefore: inMs(-SECOND_MS), notOutlivedBy: inMs(12 * HOUR_MS - SECOND_MS) },
    usable: false,
  },
  {
    when: 'is as new as requested',
    token: hourOld,
    need: { notBefore: inMs(-HOUR_MS) },
    usable: true,
  },
  {
    when: 'is older than requested',
    token: hourOld,
    need: { notBefore: inMs(-HOUR_MS + 1) },
    usable: false,
  },
  {
    when: 'was minted just now, when one from the future was requested',
    token: token(10 * SECOND_MS, 11 * HOUR_MS),
    need: { notBefore: inMs(HOUR_MS) },
    usable: true,
  },
  {
    when: 'was minted slightly too long ago, when one from the future was requested',
    token: token(10 * SECOND_MS + 1, 11 * HOUR_MS),
    need: { notBefore: inMs(HOUR_MS) },
    usable: false,
  },
];

describe('a token', () => {
  it.each(rows)('that $when: usable is $usable', (row) => {
    expect(isUsable(row.token, need(row.need), NOW)).toBe(row.usable);
  });

  it('is fresh until it is due for this namespace', () => {
    const twelveHours = (ageMs: number) => token(ageMs, 12 * HOUR_MS - ageMs);
    const dueMs = 12 * HOUR_MS * 0.45;

    expect(isFresh(twelveHours(dueMs - 1), need(), NOW)).toBe(true);
    expect(isFresh(twelveHours(dueMs), need(), NOW)).toBe(false);
    expect(isUsable(twelveHours(dueMs), need(), NOW)).toBe(true);
  });

  it('is not fresh if it is dated in the future, except for the tolerated difference of two clocks', () => {
    expect(isFresh(token(-MINUTE_MS, 12 * HOUR_MS), need(), NOW)).toBe(true);
    expect(isFresh(token(-MINUTE_MS - 1, 12 * HOUR_MS), need(), NOW)).toBe(false);
  });

  it('is not fresh if it is not usable', () => {
    expect(isFresh(hourOld, need({ notBefore: NOW }), NOW)).toBe(false);
  });
});

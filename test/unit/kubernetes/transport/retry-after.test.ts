import { describe, expect, it } from '@jest/globals';
import { parseRetryAfterMs } from '../../../../src/kubernetes/transport/retry-after.ts';

describe('parseRetryAfterMs', () => {
  const now = new Date('2026-01-01T00:00:00Z');

  it.each([
    ['3', 3000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    [undefined, undefined],
    ['soon', undefined],
    ['', undefined],
    ['99999999999999999999', undefined],
  ])('reads %j as %j', (value, expected) => {
    expect(parseRetryAfterMs(value, now)).toBe(expected);
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseDurationMs } from '../../../src/config/duration.ts';

describe('parseDurationMs', () => {
  it.each([
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['1d', 86_400_000],
    ['0s', 0],
    ['1d2h3m4s', 93_784_000],
  ])('reads %s', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each([
    '',
    '10',
    'm',
    '10 m',
    '-10m',
    '1.5h',
    '30m1h',
    '10min',
    '10M',
    '1h1h',
    '9'.repeat(99) + 's',
  ])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
});

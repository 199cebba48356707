import { describe, expect, it } from '@jest/globals';
import { cutText } from '../../../src/base/cut-text.ts';
import { retainedBytes } from '../../support/suite/retained-bytes.ts';

describe('cutText', () => {
  it('returns the start of what is too long, and everything else as it is', () => {
    expect(['', 'abc', 'abcd', '𝕏𝕏𝕏'].map((text) => cutText(text, 3))).toEqual([
      '',
      'abc',
      'abc',
      '𝕏𝕏'.slice(0, 3),
    ]);
  });

  it('does not keep the rest in memory', () => {
    const texts = Array.from({ length: 100 }, (_, n) => String(n));
    const kept = retainedBytes(() => texts.map((text) => cutText(text.padEnd(100_000, text), 100)));

    expect(kept).toBeLessThan(100 * 10_000);
  });
});

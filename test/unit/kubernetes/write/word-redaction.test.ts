/** A refusal costs few look-ups in the token, whatever the server's texts are. */
import { describe, expect, it } from '@jest/globals';
import { wordRedaction } from '../../../../src/kubernetes/write/word-redaction.ts';

describe('wordRedaction', () => {
  const counting = () => {
    const asked: string[] = [];
    const redact = wordRedaction((piece) => {
      asked.push(piece);
      return false;
    });
    return { asked, redact };
  };

  it('looks nothing up for a text without a long word', () => {
    const { asked, redact } = counting();

    expect(redact('no room here: the quota is used up')).toBe('no room here: the quota is used up');
    expect(asked).toEqual([]);
  });

  it('looks a word up once, in pieces that leave room for no part of a token', () => {
    const { asked, redact } = counting();

    for (let time = 1; time <= 3; time += 1) redact('about ecr-pull-secret, ecr-pull-secret');
    expect(asked).toEqual(['ecr-pul', 'll-secr']);
  });

  it('redacts the words for which a limited number of look-ups is not enough', () => {
    const { asked, redact } = counting();
    const words = Array.from({ length: 100 }, (_, n) => `word-number-${n}`);

    const shown = words.map((word) => redact(word));
    expect(asked.length).toBeLessThanOrEqual(128);
    expect(shown.slice(0, 50)).toEqual(words.slice(0, 50));
    expect(new Set(shown.slice(70))).toEqual(new Set(['[redacted]']));
  });
});

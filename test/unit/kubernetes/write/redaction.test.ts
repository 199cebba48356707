/** No part of a token survives, in any encoding; every other text does. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SecretText } from '../../../../src/domain/secret-text.ts';
import { redactionOf } from '../../../../src/kubernetes/write/redaction.ts';

/** What the redaction must find, by definition: words with twelve characters in a row that a token has in any encoding. */
function hasPartOf(config: string, word: string): boolean {
  const auths = [...config.matchAll(/"auth":"([^"]*)"/g)].map(([, auth = '']) => auth);
  const forms = [Buffer.from(config).toString('base64'), ...auths, ...auths.map(atob)];
  const parts = new Set(forms.flatMap(windowsOf));
  return windowsOf(word).some((part) => parts.has(part));
}

function windowsOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - 11) }, (_, at) => text.slice(at, at + 12));
}

function configOf(passwords: readonly string[]): string {
  const auths = passwords.map((password, n) => [`h${n}`, { auth: btoa(`AWS:${password}`) }]);
  return JSON.stringify({ auths: Object.fromEntries(auths) });
}

const password = fc.base64String({ minLength: 24, maxLength: 120 });
const config = fc.array(password, { minLength: 1, maxLength: 3 }).map(configOf);

/** A text that quotes some of the token, in any encoding, from anywhere, between other words. */
const quotingText = config.chain((content) => {
  const auths = [...content.matchAll(/"auth":"([^"]*)"/g)].map(([, auth = '']) => auth);
  const forms = [btoa(content), ...auths, ...auths.map(atob), content];
  const quote = fc
    .tuple(fc.constantFrom(...forms), fc.nat(), fc.integer({ min: 1, max: 40 }))
    .map(([form, at, length]) => form.slice(at % form.length, (at % form.length) + length));
  const piece = fc.oneof(quote, fc.string({ maxLength: 30 }), fc.constant(' '));
  return fc.record({
    content: fc.constant(content),
    text: fc.array(piece).map((all) => all.join('')),
  });
});

describe('redactionOf', () => {
  it('leaves no word with twelve characters in a row that a token has', () => {
    fc.assert(
      fc.property(quotingText, ({ content, text }) => {
        const shown = redactionOf(new SecretText(content))(text);
        const words = shown.match(/[\w+/=-]{12,}/g) ?? [];
        expect(words.filter((word) => hasPartOf(content, word))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves every other text as it is', () => {
    const text =
      'secrets "ecr-pull-secret" is forbidden: exceeded quota: secrets-of-team-a, requested: count/secrets=1';
    fc.assert(
      fc.property(config, (content) => redactionOf(new SecretText(content))(text) === text),
    );
  });

  it('encodes the content once, and not at all for texts without a long word', () => {
    class CountedText extends SecretText {
      reveals = 0;
      override reveal(): string {
        this.reveals += 1;
        return super.reveal();
      }
    }
    const content = new CountedText(configOf(['q7Rr2LkP0sVx9TzWbE4m']));
    const redact = redactionOf(content);

    redact('the quota of the team is used up');
    expect(content.reveals).toBe(0);
    for (const text of ['ecr-pull-secret', 'FieldValueInvalid', 'exceeded-quota']) redact(text);
    expect(content.reveals).toBe(1);
  });

  it('redacts bytes, as Go prints them', () => {
    const redact = redactionOf(new SecretText(configOf(['q7Rr2LkP0sVx9TzWbE4m'])));

    expect(redact('data: [123 34 97 117 116 104 115 34 58 123]')).toBe('data: [[redacted]]');
  });
});

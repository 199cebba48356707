/** A text inside every fake token that must appear in no output, however the token was encoded on its way. */

export const CANARY = 'CanaryThisTextIsPartOfATokenAndMustNeverBePrinted';

/** Whether the output holds the canary: plain, as base64 (`auth`) or as base64 of that (a Secret's data). */
export function holdsCanary(output: string): boolean {
  return CANARY_FORMS.some((form) => output.includes(form));
}

/** What to look for; also long parts of it, since a careless cut at some length is a leak too. */
const CANARY_FORMS: readonly string[] = formsOf(CANARY.slice(0, 30), 2);

function formsOf(text: string, encodings: number): readonly string[] {
  if (encodings === 0) return [text];
  return [text, ...base64Forms(text).flatMap((form) => formsOf(form, encodings - 1))];
}

/** How the text looks inside the base64 of something longer: one form for each place of its first byte, mod 3. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((place) => {
    const usable = text.length - ((place + text.length) % 3);
    const encoded = Buffer.from('\0'.repeat(place) + text.slice(0, usable)).toString('base64');
    // The characters that also carry bits of the neighbours differ from one token to the next.
    return encoded.slice(place === 0 ? 0 : place + 1);
  });
}

/** A text inside every fake token that must never appear in any output, however the token was encoded. */

export const CANARY = 'CanaryThisTextIsPartOfATokenAndMustNeverBePrinted';

/** Whether the output contains the canary: plain, as base64 (`auth`) or as base64 of that (a Secret's data). */
export function holdsCanary(output: string): boolean {
  return CANARY_FORMS.some((form) => output.includes(form));
}

/** The texts to search for: a long part of the canary, because truncated output is a leak too. */
const CANARY_FORMS: readonly string[] = formsOf(CANARY.slice(0, 30), 2);

function formsOf(text: string, encodings: number): readonly string[] {
  if (encodings === 0) return [text];
  return [text, ...base64Forms(text).flatMap((form) => formsOf(form, encodings - 1))];
}

/** The text as it appears inside the base64 of a longer text: one form for each position of its first byte, mod 3. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((position) => {
    const usable = text.length - ((position + text.length) % 3);
    const encoded = Buffer.from('\0'.repeat(position) + text.slice(0, usable)).toString('base64');
    // Characters that also contain bits of the neighbouring bytes differ between tokens.
    return encoded.slice(position === 0 ? 0 : position + 1);
  });
}

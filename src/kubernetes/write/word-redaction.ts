/** Redacts the words of a text that are part of a token, with a limited number of look-ups in the token. */

/** A run of this many characters of a token can come only from the token. */
const PART_LENGTH = 12;
/** Every part contains a piece of this length that starts at a multiple of `STEP`, so only these are looked up. */
const PIECE_LENGTH = 7;
const STEP = PART_LENGTH - PIECE_LENGTH + 1;
/** Each searches up to a megabyte, and a hostile server may send tens of thousands of long words. */
const MAX_LOOKUPS = 128;
const WORD = /[\w+/=-]{12,}/g;
const REDACTED = '[redacted]';

/**
 * For all texts of one refusal. `isOfToken` is a look-up: whether the token, in any encoding, contains the piece. Words that
 * would need more look-ups than a refusal may cost are redacted without any.
 */
export function wordRedaction(isOfToken: (piece: string) => boolean): (text: string) => string {
  const verdicts = new Map<string, boolean>();
  let lookups = 0;
  const isSafe = (piece: string): boolean => {
    lookups += 1;
    return lookups <= MAX_LOOKUPS && !isOfToken(piece);
  };
  return (text) =>
    text.replace(WORD, (word) => {
      const verdict = verdicts.get(word) ?? piecesOf(word).every(isSafe);
      verdicts.set(word, verdict);
      return verdict ? word : REDACTED;
    });
}

function piecesOf(word: string): readonly string[] {
  const count = Math.floor((word.length - PIECE_LENGTH) / STEP) + 1;
  return Array.from({ length: count }, (_, n) => word.slice(n * STEP, n * STEP + PIECE_LENGTH));
}

/** Makes foreign text fit for our errors and logs: short, on one line, and without anything that looks like a token. */
import { fieldOf } from '../../base/json.ts';

const MAX_LENGTH = 1024;
/** A longer text is cut to this before anything else. */
const MAX_SEARCHED = 8192;
/** Longer than a SHA-256 in hex, shorter than any registry token. An admission webhook may quote what we wrote. */
const TOKEN_LIKE = /[A-Za-z0-9+/]{80,}={0,2}/g;
const CUT_WORD = /[A-Za-z0-9+/=]+$/;

export function presentable(text: string, maxLength = MAX_LENGTH): string {
  // A word that is cut in two may be the start of a token too short to be recognised.
  const read =
    text.length <= MAX_SEARCHED ? text : text.slice(0, MAX_SEARCHED).replace(CUT_WORD, '');
  const oneLine = read
    .replace(TOKEN_LIKE, '[redacted]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return oneLine.length <= maxLength ? oneLine : `${oneLine.slice(0, maxLength - 1)}…`;
}

/** The message of a thrown value, or ''. No `instanceof`: Node's errors may come from another realm. */
export function presentableMessage(error: unknown, maxLength = 256): string {
  const message = fieldOf(error, 'message');
  return typeof message === 'string' ? presentable(message, maxLength) : '';
}

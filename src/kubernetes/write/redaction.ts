/** Removes every trace of a token from a server's message that quotes what it was sent. */
import type { SecretText } from '../../domain/secret-text.ts';

/** A run of this many characters of the token can come only from the token. */
const PART_LENGTH = 12;
const WORD = /[\w+/=-]{12,}/g;
/** Go prints bytes as numbers. */
const BYTES = /(?:\d{1,3}[\s,]+){8,}\d{1,3}/g;
const AUTH = /"auth":"([^"]*)"/g;
const REDACTED = '[redacted]';

/** For texts of a few thousand characters. Replaces whole words, wherever the server cut them. */
export function redactionOf(dockerConfig: SecretText): (text: string) => string {
  return (text) => {
    const parts = partsOf(dockerConfig.reveal());
    return text
      .replace(BYTES, REDACTED)
      .replace(WORD, (word) => (windowsOf(word).some((part) => parts.has(part)) ? REDACTED : word));
  };
}

/** Parts of the whole content as it is sent, of each `auth`, and of the text that each `auth` encodes. */
function partsOf(config: string): ReadonlySet<string> {
  const auths = [...config.matchAll(AUTH)].map(([, auth = '']) => auth);
  const forms = [encode(config), ...auths, ...auths.map(decode)];
  return new Set(forms.flatMap(windowsOf));
}

function windowsOf(text: string): readonly string[] {
  const count = Math.max(0, text.length - PART_LENGTH + 1);
  return Array.from({ length: count }, (_, start) => text.slice(start, start + PART_LENGTH));
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

/** Removes every trace of a token from a server's message that quotes what it was sent. */
import type { SecretText } from '../../domain/secret-text.ts';
import { wordRedaction } from './word-redaction.ts';

/** Go prints bytes as numbers. */
const BYTES = /(?:\d{1,3}[\s,]+){8,}\d{1,3}/g;
const AUTH = /"auth":"([^"]*)"/g;

/**
 * For all texts of one refusal, each of a few thousand characters. Replaces whole words, wherever the server cut them.
 * The content is encoded once, and only if a text has a word long enough to be a part of a token.
 */
export function redactionOf(dockerConfig: SecretText): (text: string) => string {
  let forms: string | undefined;
  const redactWords = wordRedaction((piece) => {
    forms ??= formsOf(dockerConfig.reveal());
    return forms.includes(piece);
  });
  return (text) => redactWords(text.replace(BYTES, '[redacted]'));
}

/** The whole content as it is sent, each `auth`, and the text that each `auth` encodes. No word goes across a line. */
function formsOf(config: string): string {
  const auths = [...new Set([...config.matchAll(AUTH)].map(([, auth = '']) => auth))];
  return [encode(config), ...auths, ...auths.map(decode)].join('\n');
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

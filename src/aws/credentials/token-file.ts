/** Reads a token from a mounted file that somebody else refreshes. */
import { readFile } from 'node:fs/promises';
import { SourceError } from '../errors/failures.ts';

/** Reads the file every time. Rejects with Node's error, or a `SourceError` if it does not hold a token on one line. */
export async function readTokenFile(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '' || /\s/.test(token)) {
    throw new SourceError('the token file holds no token', { kind: 'unreadableFile' });
  }
  return token;
}

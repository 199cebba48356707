/** A token in a mounted file that somebody else keeps fresh. */
import { readFile } from 'node:fs/promises';
import { SourceError } from '../errors/failures.ts';

/** Read anew each time. Rejects with Node's error, or a `SourceError` where it holds no token in one line. */
export async function readTokenFile(path: string): Promise<string> {
  const token = (await readFile(path, 'utf8')).trim();
  if (token === '' || /\s/.test(token)) {
    throw new SourceError('the token file holds no token', { kind: 'unreadableFile' });
  }
  return token;
}

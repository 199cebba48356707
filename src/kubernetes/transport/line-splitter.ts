/** Splits a stream of bytes into lines at `\n` only: watch frames may hold any other character, U+2028 included. */
import { TransientError } from '../../domain/errors.ts';

const NEWLINE = 0x0a;

/**
 * Yields the lines that are not blank. Bytes become text only as whole lines, so a character may be split between
 * chunks. An unfinished last line is dropped: the next watch repeats what it said. A line longer than `maxLineBytes`
 * throws a `TransientError`. Leaving early (`break`, `return`) closes the source, too.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<string, void, undefined> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const part = chunk.subarray(start, end);
      start = end + 1;
      assertBelow(pendingBytes + part.length, maxLineBytes);
      const line = decode(pending, part);
      pending = [];
      pendingBytes = 0;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.length) {
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
      assertBelow(pendingBytes, maxLineBytes);
    }
  }
}

function decode(pending: readonly Uint8Array[], last: Uint8Array): string {
  return Buffer.concat([...pending, last]).toString('utf8');
}

function assertBelow(bytes: number, maxLineBytes: number): void {
  if (bytes <= maxLineBytes) return;
  throw new TransientError(`reading a watch: a line is longer than ${maxLineBytes} bytes`, {
    code: 'API_LINE_TOO_LONG',
  });
}

/** Splits a stream of bytes into lines at `\n` only: watch frames may hold any other character, U+2028 included. */
import { TransientError } from '../../domain/errors.ts';
import { type JsonPiece, PieceCollector, type PieceLimits } from './json-piece.ts';

const NEWLINE = 0x0a;

/** etcd stores objects of up to 1.5 MiB, unless configured otherwise: a longer line can't be a frame with one. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Yields the lines that are not blank. Bytes become text only as whole lines, so a character may be split between
 * chunks. An unfinished last line is dropped: the next watch repeats what it said. A line longer than 16 MiB throws a
 * `TransientError`. Leaving early (`break`, `return`) closes the source, too.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  limits: PieceLimits,
): AsyncGenerator<JsonPiece, void, undefined> {
  const line = new PieceCollector(limits);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      line.push(chunk.subarray(start, end));
      start = end + 1;
      const piece = line.take();
      if (piece.kind === 'tooLarge' || piece.text.trim() !== '') yield piece;
    }
    line.push(chunk.subarray(start));
    assertNotEndless(line.bytes);
  }
}

function assertNotEndless(bytes: number): void {
  if (bytes <= MAX_LINE_BYTES) return;
  throw new TransientError(`reading a watch: a line is longer than ${MAX_LINE_BYTES} bytes`, {
    code: 'API_LINE_TOO_LONG',
  });
}

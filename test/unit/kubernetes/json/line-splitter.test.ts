import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonPiece } from '../../../../src/kubernetes/json/json-piece.ts';
import { splitLines } from '../../../../src/kubernetes/json/line-splitter.ts';
import { chunkSizes, inChunks } from '../../../support/suite/in-chunks.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* asStream(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function piecesOf(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = 1000,
): Promise<readonly JsonPiece[]> {
  const pieces: JsonPiece[] = [];
  for await (const piece of splitLines(chunks, { maxBytes, paths: ['type'] })) pieces.push(piece);
  return pieces;
}

async function linesOf(chunks: Iterable<Uint8Array>): Promise<readonly string[]> {
  const pieces = await piecesOf(asStream(chunks));
  return pieces.map((piece) => (piece.kind === 'whole' ? piece.text : ''));
}

describe('splitLines', () => {
  it('returns the same lines however the bytes were cut into chunks', async () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line), chunkSizes(), async (lines, sizes) => {
        const bytes = encode(lines.map((text) => `${text}\n`).join(''));

        const found = await linesOf(inChunks(bytes, sizes));

        expect(found).toEqual(lines.filter((text) => text.trim() !== ''));
      }),
    );
  });

  it('splits at line feeds only', async () => {
    const bytes = encode('a\u2028b\u2029c\rd\u0085e\nf\n');

    expect(await linesOf(inChunks(bytes, []))).toEqual(['a\u2028b\u2029c\rd\u0085e', 'f']);
  });

  it('drops an unfinished last line', async () => {
    expect(await linesOf(inChunks(encode('whole\nhal'), [3]))).toEqual(['whole']);
  });

  it('keeps only the strings asked for of a line above the limit, and reads on', async () => {
    const long = JSON.stringify({ type: 'ADDED', object: 'x'.repeat(100) });
    await fc.assert(
      fc.asyncProperty(chunkSizes(), async (sizes) => {
        const bytes = encode(`{}\n${long}\n{"a":1}\n`);

        expect(await piecesOf(asStream(inChunks(bytes, sizes)), 20)).toEqual([
          { kind: 'whole', text: '{}' },
          { kind: 'tooLarge', strings: new Map([['type', 'ADDED']]) },
          { kind: 'whole', text: '{"a":1}' },
        ]);
      }),
    );
  });

  it('refuses an endless line at 16 MiB', async () => {
    let chunks = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        chunks += 1;
        yield new Uint8Array(1024 * 1024).fill(0x20);
      }
    }

    await expect(piecesOf(endless())).rejects.toMatchObject({ code: 'API_LINE_TOO_LONG' });
    expect(chunks).toBe(17);
  });

  it('leaves the source when the reader leaves', async () => {
    let isLeft = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield encode('line\n');
      } finally {
        isLeft = true;
      }
    }

    for await (const line of splitLines(source(), { maxBytes: 100, paths: [] })) {
      expect(line).toEqual({ kind: 'whole', text: 'line' });
      break;
    }

    expect(isLeft).toBe(true);
  });
});

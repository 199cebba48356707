import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { splitLines } from '../../../../src/kubernetes/transport/line-splitter.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    if (start >= bytes.length) return;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function linesOf(chunks: AsyncIterable<Uint8Array>, maxLineBytes = 1000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(chunks, maxLineBytes)) lines.push(line);
  return lines;
}

describe('splitLines', () => {
  it('returns the same lines however the bytes were cut into chunks', async () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 200 }),
        async (lines, sizes) => {
          const bytes = encode(lines.map((text) => `${text}\n`).join(''));

          const found = await linesOf(inChunks(bytes, sizes));

          expect(found).toEqual(lines.filter((text) => text.trim() !== ''));
        },
      ),
    );
  });

  it('splits at line feeds only', async () => {
    const bytes = encode('a\u2028b\u2029c\rd\u0085e\nf\n');

    expect(await linesOf(inChunks(bytes, []))).toEqual(['a\u2028b\u2029c\rd\u0085e', 'f']);
  });

  it('drops an unfinished last line', async () => {
    expect(await linesOf(inChunks(encode('whole\nhal'), [3]))).toEqual(['whole']);
  });

  it.each([
    ['in one chunk', [100]],
    ['in many chunks', [4, 4, 4, 4]],
  ])('refuses a line above the limit that comes %s', async (_, sizes) => {
    const lines = linesOf(inChunks(encode('0123456789abcdef\n'), sizes), 10);

    await expect(lines).rejects.toMatchObject({ code: 'API_LINE_TOO_LONG' });
  });

  it('refuses an endless line before it has read it all', async () => {
    let chunks = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        chunks += 1;
        yield encode('0123456789');
      }
    }

    await expect(linesOf(endless(), 100)).rejects.toMatchObject({ code: 'API_LINE_TOO_LONG' });
    expect(chunks).toBe(11);
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

    for await (const line of splitLines(source(), 100)) {
      expect(line).toBe('line');
      break;
    }

    expect(isLeft).toBe(true);
  });
});

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonPiece } from '../../../../src/kubernetes/json/json-piece.ts';
import { ListCutter } from '../../../../src/kubernetes/json/list-cutter.ts';
import { chunkSizes, inChunks } from '../../../support/suite/in-chunks.ts';

const PATHS = ['metadata.name'];

function cut(
  text: string | Uint8Array,
  { sizes = [], maxBytes = 10_000 }: { sizes?: readonly number[]; maxBytes?: number } = {},
): { readonly items: readonly JsonPiece[]; readonly head: JsonPiece } {
  const cutter = new ListCutter({ maxBytes, paths: PATHS });
  const chunks = [...inChunks(Buffer.from(text), sizes)];
  const items = chunks.flatMap((chunk) => cutter.push(chunk));
  return { items, head: cutter.takeHead() };
}

const parsed = (piece: JsonPiece): unknown =>
  piece.kind === 'whole' ? JSON.parse(piece.text) : piece;

/** Strings that look like the list's own structure, and escapes. */
const awkward = fc.constantFrom(
  '"items":[',
  ',"items":[',
  '\\',
  '\\"',
  '],}',
  '{[',
  'é\u2028𝕏\ud800',
);
const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), awkward, fc.array(awkward));
const list = fc
  .record({ head: fc.dictionary(fc.oneof(fc.string(), awkward), value), items: fc.array(value) })
  .chain(({ head, items }) => {
    const entries = [
      ...Object.entries(head).filter(([key]) => key !== 'items'),
      ['items', items] as const,
    ];
    return fc
      .shuffledSubarray(entries, { minLength: entries.length })
      .map((shuffled) => Object.fromEntries<unknown>(shuffled) as { readonly items: unknown[] });
  });

describe('ListCutter', () => {
  it('cuts out every item, however the list is formatted and its bytes are cut', () => {
    const formats = fc.constantFrom(undefined, 1, 4, '\t');
    fc.assert(
      fc.property(list, formats, chunkSizes(), (whole, format, sizes) => {
        const { items, head } = cut(JSON.stringify(whole, undefined, format), { sizes });

        expect(items.map(parsed)).toEqual(JSON.parse(JSON.stringify(whole.items)));
        expect(parsed(head)).toEqual(JSON.parse(JSON.stringify({ ...whole, items: [] })));
      }),
    );
  });

  it('keeps only the strings asked for of an item above the limit', () => {
    const item = (name: string, length: number) => ({
      metadata: { labels: { name: 'another' }, name },
      imagePullSecrets: Array.from({ length }, () => ({})),
    });
    const items = [item('a', 1), item('b', 200), item('c', 2), item('d', 200)];
    fc.assert(
      fc.property(chunkSizes(), (sizes) => {
        const found = cut(JSON.stringify({ items }), { sizes, maxBytes: 100 }).items;

        expect(found.map(parsed)).toEqual([
          items[0],
          { kind: 'tooLarge', strings: new Map([['metadata.name', 'b']]) },
          items[2],
          { kind: 'tooLarge', strings: new Map([['metadata.name', 'd']]) },
        ]);
      }),
    );
  });

  it('leaves no JSON of a list that was cut off, so that it never counts as a shorter one', () => {
    const text = JSON.stringify({
      metadata: { resourceVersion: '5' },
      items: [{ a: 1 }, { b: [] }],
    });
    for (let length = 1; length < text.length; length += 1) {
      const { head } = cut(text.slice(0, length));

      expect(() => parsed(head)).toThrow(SyntaxError);
    }
  });

  it.each([
    ['nothing', '{"items":[]}', []],
    ['white space', '{"items":[ \n]}', []],
    ['null, as Go writes an empty list', '{"items":null}', []],
    [
      'what is no object',
      '{"items":[1,"a,]",null,[2,[3]],true]}',
      [1, 'a,]', null, [2, [3]], true],
    ],
    ['items of its items', '{"items":[{"items":[1,2]}]}', [{ items: [1, 2] }]],
  ])('finds %s', (_, text, items) => {
    expect(cut(text).items.map(parsed)).toEqual(items);
  });

  it('does not hide a comma too many', () => {
    for (const text of ['{"items":[{},]}', '{"items":[,{}]}', '{"items":[{},,{}]}']) {
      expect(() => cut(text).items.map(parsed)).toThrow(SyntaxError);
    }
  });

  it('never throws, and holds back no more than a head of 64 KiB, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.json(), fc.string()),
        chunkSizes(),
        (sent, sizes) => {
          const { items, head } = cut(sent, { sizes });

          expect([...items, head].every(({ kind }) => kind === 'whole')).toBe(true);
        },
      ),
    );
    expect(cut('x'.repeat(64 * 1024 + 1)).head.kind).toBe('tooLarge');
  });
});

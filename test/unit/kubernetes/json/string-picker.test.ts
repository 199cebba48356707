import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { StringPicker } from '../../../../src/kubernetes/json/string-picker.ts';
import { fieldOf } from '../../../../src/base/json.ts';
import { chunkSizes, inChunks } from '../../../support/suite/in-chunks.ts';

const PATHS = ['type', 'object.metadata.name', 'object.metadata.uid'];

function pick(text: string | Uint8Array, sizes: readonly number[] = []): Record<string, string> {
  const picker = new StringPicker(PATHS);
  for (const chunk of inChunks(Buffer.from(text), sizes)) picker.push(chunk);
  return Object.fromEntries(picker.found);
}

/** Objects whose keys are mostly those on our paths, at the right and at the wrong depth. */
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string(), fc.constantFrom('\\', '"', '\\"}', ':', 'é𝕏\ud800'), fc.jsonValue()),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('type', 'object', 'metadata', 'name', 'uid', '__proto__', 'na"me', ''),
      tie('tree'),
    ),
  ),
}));

describe('StringPicker', () => {
  it('finds what JSON.parse would find, however the bytes are cut', () => {
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 2), chunkSizes(), (value, format, sizes) => {
        const text = JSON.stringify(value, undefined, format);
        const expected = PATHS.flatMap((path) => {
          const found = fieldOf(JSON.parse(text), ...path.split('.'));
          return typeof found === 'string' ? [[path, found] as const] : [];
        });

        expect(pick(text, sizes)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 500 },
    );
  });

  it('finds nothing in arrays', () => {
    expect(pick('{"object":["metadata",{"name":"n"}]}')).toEqual({});
    expect(pick('{"object":{"metadata":[{"name":"n"}]}}')).toEqual({});
  });

  it('takes the last of several, as JSON.parse does', () => {
    expect(pick('{"type":"a","type":"b"}')).toEqual({ type: 'b' });
  });

  it('reads keys and values with escapes', () => {
    expect(pick('{"ty\\u0070e":"\\u0041DDED","object":{"metadata":{"name":"a\\"b"}}}')).toEqual({
      type: 'ADDED',
      'object.metadata.name': 'a"b',
    });
  });

  it('leaves out what is longer than any name', () => {
    expect(pick(JSON.stringify({ type: 'x'.repeat(512) }))).toEqual({ type: 'x'.repeat(512) });
    expect(pick(JSON.stringify({ type: 'x'.repeat(513) }))).toEqual({});
    expect(pick(JSON.stringify({ ['x'.repeat(600)]: 'a', type: 'b' }))).toEqual({ type: 'b' });
  });

  it('is not confused by deep nesting', () => {
    const deep = `${'[{"name":'.repeat(5_000)}"x"${'}]'.repeat(5_000)}`;

    expect(pick(`{"object":{"spec":${deep},"metadata":{"name":"n"}}}`)).toEqual({
      'object.metadata.name': 'n',
    });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.string(), fc.json()),
        chunkSizes(),
        (sent, sizes) => {
          expect(pick(sent, sizes)).toBeInstanceOf(Object);
        },
      ),
    );
  });
});

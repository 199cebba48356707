import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';

describe('canonicalJson', () => {
  it('sorts the keys of every object and nothing else', () => {
    const value = { b: [3, 1, { z: null, a: 'ä"' }], a: { d: true, c: 1.5 }, A: undefined };

    expect(canonicalJson(value)).toBe('{"a":{"c":1.5,"d":true},"b":[3,1,{"a":"ä\\"","z":null}]}');
  });

  it('returns JSON with the same meaning as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());

        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it('keeps a key called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__": 1}'))).toBe('{"__proto__":1}');
  });
});

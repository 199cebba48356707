import { describe, expect, it } from '@jest/globals';
import { fieldOf, isText, parseJson, recordOf } from '../../../src/base/json.ts';

describe('JSON from others', () => {
  it('is parsed, or becomes undefined', () => {
    expect(parseJson('{"a": [1, null]}')).toEqual({ a: [1, null] });
    expect(['', '{', 'eyJhbGciOiJIUzI1NiJ9'].map(parseJson)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has fields only if it is an object', () => {
    expect(recordOf({ a: 1 })['a']).toBe(1);
    expect([undefined, null, 'text', 7].map(recordOf)).toEqual([{}, {}, {}, {}]);
  });

  it('is followed along a path until that ends', () => {
    const object = { metadata: { annotations: { key: 'value' }, labels: null } };

    expect(fieldOf(object, 'metadata', 'annotations', 'key')).toBe('value');
    expect(fieldOf(object, 'metadata', 'labels', 'key')).toBeUndefined();
    expect(fieldOf(object, 'spec', 'a', 'b')).toBeUndefined();
    expect(fieldOf('text', 'metadata')).toBeUndefined();
  });

  it('is a text only if it is not empty', () => {
    expect(['a', '', 7, undefined].map(isText)).toEqual([true, false, false, false]);
  });
});

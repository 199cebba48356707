import { describe, expect, it } from '@jest/globals';
import { fieldOf, isText, parseJson, recordOf } from '../../../src/base/json.ts';

describe('what others sent', () => {
  it('is read as JSON, or is nothing', () => {
    expect(parseJson('{"a": [1, null]}')).toEqual({ a: [1, null] });
    expect(['', '{', 'eyJhbGciOiJIUzI1NiJ9'].map(parseJson)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has fields only where it is an object', () => {
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

  it('is text only where there is some', () => {
    expect(['a', '', 7, undefined].map(isText)).toEqual([true, false, false, false]);
  });
});

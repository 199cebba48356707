/** JSON patch: examples that the contract suite need not run on a server, and laws. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { jsonPatch } from '../../../../simulator/patches/json-patch.ts';

const patch = (target: Readonly<Record<string, unknown>>, ...operations: readonly unknown[]) =>
  jsonPatch(target, JSON.stringify(operations));

describe('jsonPatch', () => {
  it('reaches into lists and maps, with escaped names', () => {
    const target = { list: [{ a: 1 }, { a: 2 }], map: { 'x/y~z': 1 } };
    expect(
      patch(
        target,
        { op: 'replace', path: '/list/1/a', value: 3 },
        { op: 'remove', path: '/map/x~1y~0z' },
        { op: 'move', from: '/list/0', path: '/map/first' },
      ),
    ).toEqual({ list: [{ a: 3 }], map: { first: { a: 1 } } });
  });

  it('leaves the target as it was', () => {
    const target = { map: { a: [1] } };
    patch(target, { op: 'add', path: '/map/a/-', value: 2 });
    expect(target).toEqual({ map: { a: [1] } });
  });

  it('returns what it does not change as the same object, so that it counts as unchanged', () => {
    const target = { list: [{ a: 1 }], map: { b: 1 } };
    const { list } = patch(target, { op: 'replace', path: '/map/b', value: 2 });
    expect(list).toBe(target.list);
  });

  it('does not treat an inherited field as the object’s own', () => {
    const remove = () => patch({ map: {} }, { op: 'remove', path: '/map/toString' });
    expect(remove).toThrow(expect.objectContaining({ code: 422 }));
  });

  it('restores the previous state when an addition is removed', () => {
    const maps = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(maps, fc.string(), fc.jsonValue(), (map, name, value) => {
        fc.pre(!Object.hasOwn(map, name) && name !== '__proto__');
        const path = `/map/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const target = { map: JSON.parse(JSON.stringify(map)) as unknown };
        expect(patch(target, { op: 'add', path, value }, { op: 'remove', path })).toEqual(target);
      }),
    );
  });

  it('finds with a test what it has just written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const clean = JSON.parse(JSON.stringify(value)) as unknown;
        const path = '/a';
        const written = patch({}, { op: 'add', path, value }, { op: 'test', path, value: clean });
        expect(written).toEqual({ a: clean });
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  compareResourceVersions,
  isOlder,
} from '../../../../src/kubernetes/watch/resource-version.ts';

describe('compareResourceVersions', () => {
  it('orders as numbers of any length do', () => {
    const version = fc.bigInt({ min: 0n, max: 2n ** 80n });
    fc.assert(
      fc.property(version, version, (a, b) => {
        const order = Math.sign(compareResourceVersions(String(a), String(b)) ?? NaN);

        expect(order).toBe(a === b ? 0 : a < b ? -1 : 1);
      }),
    );
  });

  it.each(['', 'abc', '-1', '1.5', '01', ' 1', '1e3'])('cannot compare %j', (version) => {
    expect(compareResourceVersions(version, '5')).toBeUndefined();
    expect(isOlder(version, '5')).toBe(false);
    expect(isOlder('5', version)).toBe(false);
  });
});

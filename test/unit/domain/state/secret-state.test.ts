import { expect, it } from '@jest/globals';
import { isNearEnd } from '../../../../src/domain/state/secret-state.ts';
import { aPullSecret, inMs, NOW } from '../../../support/values/builders.ts';

it('is near once an entry is in the last quarter of its life', () => {
  const hours = (n: number): Date => inMs(n * 3_600_000);
  const record = (mintedAt: Date, expiresAt: Date) => ({
    profile: 'default',
    identity: 'a',
    mintedAt,
    expiresAt,
    registries: ['a.example'],
  });
  const good = record(hours(-8), hours(4));
  const late = record(hours(-10), hours(2));

  expect(isNearEnd(aPullSecret({ tokens: [good] }), NOW)).toBe(false);
  expect(isNearEnd(aPullSecret({ tokens: [good, late] }), NOW)).toBe(true);
  expect(isNearEnd(aPullSecret({ tokens: [late], tokensOurs: false }), NOW)).toBe(false);
  expect(isNearEnd(aPullSecret({ tokens: undefined }), NOW)).toBe(false);
});

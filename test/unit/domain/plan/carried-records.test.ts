import { describe, expect, it } from '@jest/globals';
import { areSameRecords, recordsToCarry } from '../../../../src/domain/plan/carried-records.ts';
import type { GrantNeed } from '../../../../src/domain/plan/plan-model.ts';
import type { TokenRecord } from '../../../../src/domain/state/token-record.ts';
import {
  HOUR_MS,
  NOW,
  aProfile,
  aTokenNeed,
  aTokenRecord,
  inMs,
} from '../../../support/values/builders.ts';

const of = (profile: string, change: Partial<TokenRecord> = {}) =>
  aTokenRecord({ profile, ...change });
const expired = (profile: string) => of(profile, { expiresAt: NOW });
const fresh = (profile: string, change: Partial<TokenRecord> = {}) =>
  of(profile, { mintedAt: NOW, expiresAt: inMs(12 * HOUR_MS), ...change });

function need(profile: string, record: TokenRecord | undefined): GrantNeed {
  const [grant] = aProfile(profile).grants;
  if (grant === undefined) throw new Error('a profile of no grant');
  return {
    ...aTokenNeed({ profile, grant }),
    record,
    isRecordEnough: false,
    isUrgent: true,
  };
}

interface Row {
  readonly when: string;
  readonly needs?: readonly GrantNeed[];
  readonly carried?: readonly TokenRecord[];
  readonly replaced?: readonly TokenRecord[];
  readonly fresh?: readonly TokenRecord[];
  readonly kept: readonly TokenRecord[];
}

const oldRole = of('a', { identity: 'f'.repeat(64) });
const rows: readonly Row[] = [
  { when: 'all got a token', needs: [need('a', of('a'))], fresh: [fresh('a')], kept: [] },
  { when: 'one got none', needs: [need('a', of('a'))], kept: [of('a')] },
  {
    when: 'one of two got none',
    needs: [need('a', of('a')), need('b', of('b'))],
    fresh: [fresh('a')],
    kept: [of('b')],
  },
  {
    when: 'one that got none never had any',
    needs: [need('a', undefined)],
    fresh: [fresh('b')],
    kept: [],
  },
  {
    when: 'the entry of one that got none has expired',
    needs: [need('a', expired('a'))],
    fresh: [fresh('b')],
    kept: [],
  },
  {
    when: 'it has expired and there is nothing else',
    needs: [need('a', expired('a'))],
    kept: [expired('a')],
  },
  {
    when: 'it has expired and something else lives',
    needs: [need('a', expired('a'))],
    carried: [of('s')],
    kept: [of('s')],
  },
  { when: 'one cannot be used', fresh: [fresh('a')], carried: [of('s')], kept: [of('s')] },
  { when: 'that one has expired', fresh: [fresh('a')], carried: [expired('s')], kept: [] },
  { when: 'only expired ones are left', carried: [expired('s')], kept: [expired('s')] },
  {
    when: 'the new role gets no token',
    needs: [need('a', undefined)],
    replaced: [oldRole],
    kept: [oldRole],
  },
  {
    when: 'the new role gets one',
    needs: [need('a', undefined)],
    replaced: [oldRole],
    fresh: [fresh('a')],
    kept: [],
  },
  {
    when: 'the new role has one, which can not be refreshed',
    needs: [need('a', of('a'))],
    replaced: [oldRole],
    kept: [of('a')],
  },
  {
    when: 'a new token opens one of two registries',
    fresh: [fresh('a', { registries: ['x'] })],
    carried: [of('s', { registries: ['x', 'y'] })],
    kept: [of('s', { registries: ['y'] })],
  },
  {
    when: 'a new token opens all of them',
    fresh: [fresh('a', { registries: ['x', 'y'] })],
    carried: [of('s', { registries: ['x', 'y'] })],
    kept: [],
  },
  {
    when: 'two that are kept have the same registry: the first',
    carried: [of('s', { registries: ['x'] }), of('t', { registries: ['x', 'y'] })],
    kept: [of('s', { registries: ['x'] }), of('t', { registries: ['y'] })],
  },
  {
    when: 'together they would be too large',
    fresh: [fresh('a', { registries: hosts(100, 'a') })],
    carried: [of('s', { registries: hosts(28, 's') }), of('t', { registries: hosts(27, 't') })],
    kept: [of('t', { registries: hosts(27, 't') })],
  },
];

function hosts(count: number, name: string): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${n}.${name}`);
}

describe('what stays in a Secret that is written anew', () => {
  it.each(rows)('when $when', ({ needs = [], carried = [], replaced = [], kept, ...row }) => {
    const step = { grants: needs, carried, replaced };

    expect(recordsToCarry(step, row.fresh ?? [], NOW)).toEqual(kept);
  });
});

describe('records', () => {
  it('are the same in any order, and not with other registries or dates', () => {
    expect(areSameRecords([of('a'), of('b')], [of('b'), of('a')])).toBe(true);
    expect(areSameRecords([of('a')], [of('a', { registries: ['x'] })])).toBe(false);
    expect(areSameRecords([of('a')], [of('a', { mintedAt: NOW })])).toBe(false);
    expect(areSameRecords([of('a')], [])).toBe(false);
  });
});

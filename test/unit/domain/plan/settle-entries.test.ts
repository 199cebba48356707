import { describe, expect, it } from '@jest/globals';
import type { EntryPlan, Renewal } from '../../../../src/domain/plan/entry-plan.ts';
import type { WriteSecretStep } from '../../../../src/domain/plan/plan-model.ts';
import { settleEntries } from '../../../../src/domain/plan/settle-entries.ts';
import type { TokenRecord } from '../../../../src/domain/state/token-record.ts';
import {
  HOUR_MS,
  NOW,
  aProfile,
  aPullSecret,
  aTokenNeed,
  aTokenRecord,
  inMs,
} from '../../../support/values/builders.ts';

const of = (profile: string, change: Partial<TokenRecord> = {}) =>
  aTokenRecord({ profile, ...change });
const expired = (profile: string) => of(profile, { expiresAt: NOW });
const identityOf = (profile: string) => ({
  identity: aProfile(profile).logins[0]?.identity.hash ?? '',
});
const fresh = (profile: string, change: Partial<TokenRecord> = {}) =>
  of(profile, { mintedAt: NOW, expiresAt: inMs(12 * HOUR_MS), ...change });

function need(profile: string, record: TokenRecord | undefined): Renewal {
  const [login] = aProfile(profile).logins;
  if (login === undefined) throw new Error('a profile of no login');
  const need = aTokenNeed({ profile, login });
  return { verdict: 'renew', reason: 'due', profile, need, record };
}

const carriedOver = (record: TokenRecord): EntryPlan => {
  return { verdict: 'keep', reason: 'absent', profile: record.profile, record };
};
const droppedWhenRenewed = (record: TokenRecord): EntryPlan => {
  const { profile } = record;
  return { verdict: 'keepUntilRenewed', reason: 'identityChanged', profile, record };
};

function write(entries: readonly EntryPlan[], change: Partial<WriteSecretStep> = {}) {
  const existing = aPullSecret({ configHash: 'as it was' });
  return {
    kind: 'writeSecret',
    reason: 'due',
    entries,
    configHash: 'as it was',
    refreshRequestedAt: undefined,
    existing,
    ...change,
  } as const;
}

interface Row {
  readonly when: string;
  readonly needs?: readonly Renewal[];
  readonly carried?: readonly TokenRecord[];
  readonly replaced?: readonly TokenRecord[];
  readonly fresh?: readonly TokenRecord[];
  readonly kept: readonly TokenRecord[];
}

const oldRole = of('a', { identity: 'f'.repeat(64) });
const rows: readonly Row[] = [
  { when: 'all got a token', needs: [need('a', of('a'))], fresh: [fresh('a')], kept: [] },
  { when: 'the only one got no token', needs: [need('a', of('a'))], kept: [of('a')] },
  {
    when: 'one of two got no token',
    needs: [need('a', of('a')), need('b', of('b'))],
    fresh: [fresh('a')],
    kept: [of('b')],
  },
  {
    when: 'one that got no token never had one',
    needs: [need('a', undefined)],
    fresh: [fresh('b')],
    kept: [],
  },
  {
    when: 'the entry of one that got no token has expired',
    needs: [need('a', expired('a'))],
    fresh: [fresh('b')],
    kept: [],
  },
  {
    when: 'the entry has expired and there is no other',
    needs: [need('a', expired('a'))],
    kept: [expired('a')],
  },
  {
    when: 'the entry has expired and another one is live',
    needs: [need('a', expired('a'))],
    carried: [of('s')],
    kept: [of('s')],
  },
  { when: 'one entry cannot be renewed', fresh: [fresh('a')], carried: [of('s')], kept: [of('s')] },
  {
    when: 'the entry that cannot be renewed has expired',
    fresh: [fresh('a')],
    carried: [expired('s')],
    kept: [],
  },
  { when: 'only expired entries are left', carried: [expired('s')], kept: [expired('s')] },
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
    when: 'the new role has a token, which cannot be refreshed',
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
    when: 'two kept entries have the same registry: the first keeps it',
    carried: [of('s', { registries: ['x'] }), of('t', { registries: ['x', 'y'] })],
    kept: [of('s', { registries: ['x'] }), of('t', { registries: ['y'] })],
  },
  {
    when: 'the entries together would be too large',
    fresh: [fresh('a', { registries: hosts(100, 'a') })],
    carried: [of('s', { registries: hosts(28, 's') }), of('t', { registries: hosts(27, 't') })],
    kept: [of('t', { registries: hosts(27, 't') })],
  },
];

function hosts(count: number, name: string): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${n}.${name}`);
}

describe('the entries kept in a Secret that is written again', () => {
  it.each(rows)('when $when', ({ needs = [], carried = [], replaced = [], kept, ...row }) => {
    const entries = [...needs, ...replaced.map(droppedWhenRenewed), ...carried.map(carriedOver)];

    expect(settleEntries(write(entries), row.fresh ?? [], NOW).kept).toEqual(kept);
  });
});

describe('a write is worthwhile', () => {
  const a = need('a', of('a'));
  const dropped: EntryPlan = {
    verdict: 'drop',
    reason: 'unlisted',
    profile: 'x',
    record: of('x'),
  };
  const existing = aPullSecret({ configHash: 'as it was', tokens: [of('a'), of('b')] });
  const worth = (step: WriteSecretStep, got: readonly TokenRecord[]): boolean =>
    settleEntries(step, got, NOW).isWorthWriting;

  it('if the records change, in whatever order they are', () => {
    const step = write([need('b', of('b')), a], { existing });

    expect(worth(step, [of('b')])).toBe(false);
    expect(worth(step, [of('b', { mintedAt: NOW })])).toBe(true);
    expect(worth(step, [of('b', { registries: ['x'] })])).toBe(true);
  });

  it('if an entry is dropped though no token came, and something stays', () => {
    expect(worth(write([a, dropped], { existing }), [])).toBe(true);
    expect(worth(write([need('a', undefined), dropped], { existing }), [])).toBe(false);
  });

  it('if a Pod may be waiting, or the Secret says what is no longer true', () => {
    const same = [of('a')];
    const existing = aPullSecret({ configHash: 'as it was', tokens: same });

    expect(worth(write([a], { existing }), same)).toBe(false);
    expect(worth(write([a], { existing, reason: 'tampered' }), same)).toBe(true);
    expect(worth(write([a], { existing, configHash: 'another' }), same)).toBe(true);
    expect(worth(write([a], { existing, refreshRequestedAt: '2' }), same)).toBe(true);
  });

  it('never without a token if nothing is dropped', () => {
    expect(worth(write([a], { existing, reason: 'tampered' }), [])).toBe(false);
  });
});

describe('a request for a refresh is satisfied', () => {
  const satisfied = (entries: readonly EntryPlan[], got: readonly TokenRecord[]) =>
    settleEntries(
      write(entries, {
        refreshRequestedAt: '2',
        existing: aPullSecret({ refreshRequestedAt: '1' }),
      }),
      got,
      NOW,
    ).refreshRequestedAt;
  const alongside: Renewal = { ...need('b', of('b')), reason: 'alongside' };

  it('if each entry that asks for a token got one, or is as new as requested', () => {
    expect(satisfied([need('a', of('a'))], [fresh('a', identityOf('a'))])).toBe('2');
    expect(satisfied([need('a', of('a')), alongside], [fresh('a', identityOf('a'))])).toBe('2');
    expect(
      satisfied([need('a', of('a')), carriedOver(of('s'))], [fresh('a', identityOf('a'))]),
    ).toBe('2');
  });

  it('not if an entry that is not new enough got none', () => {
    expect(satisfied([need('a', of('a')), need('b', of('b'))], [fresh('a', identityOf('a'))])).toBe(
      '1',
    );
  });
});

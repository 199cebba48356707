/** Which tokens a write asks for, and what is reported about those that it does not get. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { takeTokens } from '../../../../src/controller/pass/take-tokens.ts';
import type { TokenAnswer } from '../../../../src/controller/tokens/token-answer.ts';
import { StalledError } from '../../../../src/domain/errors.ts';
import type { EntryPlan } from '../../../../src/domain/plan/entry-plan.ts';
import {
  aProfile,
  aToken,
  aTokenNeed,
  aTokenRecord,
  inMs,
} from '../../../support/values/builders.ts';
import { settle } from '../../../../simulator/ground/virtual-clock.ts';

const denied = new StalledError('denied', {
  code: 'ECR_DENIED',
  eventReason: 'TokenRequestDenied',
});
const until = inMs(1_000);

/** The state of a login’s identity. */
const STATES = ['cached', 'firstMint', 'retry', 'tooSoon', 'failed'] as const;
interface Case {
  readonly state: (typeof STATES)[number];
  readonly isUrgent: boolean;
}

function answerOf(state: Case['state'], settled: Promise<void>): TokenAnswer {
  switch (state) {
    case 'cached':
      return { kind: 'token', token: aToken() };
    case 'firstMint':
      return { kind: 'minting', settled, until, failure: undefined };
    case 'retry':
      return { kind: 'minting', settled, until, failure: denied };
    case 'tooSoon':
      return { kind: 'blocked', until, failure: undefined };
    case 'failed':
      return { kind: 'blocked', until, failure: denied };
  }
}

/** Takes the tokens of these logins, called `p0`, `p1`, …, and records which were asked for. */
function take(cases: readonly Case[], drops = false) {
  const mint = Promise.withResolvers<void>();
  const requested: string[] = [];
  const wakeUps = { count: 0 };
  const renewals = cases.map(({ isUrgent }, n): EntryPlan => {
    const profile = `p${n}`;
    const [login = aTokenNeed().login] = aProfile(profile).logins;
    const need = aTokenNeed({ profile, login });
    const reason = isUrgent ? 'due' : 'alongside';
    return { verdict: 'renew', reason, profile, need, record: aTokenRecord({ profile }) };
  });
  const tokens = {
    take: ({ profile }: { readonly profile: string }) => {
      requested.push(profile);
      return answerOf(cases[Number(profile.slice(1))]?.state ?? 'cached', mint.promise);
    },
  };
  const record = aTokenRecord({ profile: 'going' });
  const dropped = { verdict: 'drop', reason: 'unlisted', profile: 'going', record } as const;
  const taken = takeTokens(drops ? [...renewals, dropped] : renewals, tokens, () => {
    wakeUps.count += 1;
  });
  return { ...taken, requested, endMints: mint.resolve, wakeUps };
}

const cases = fc.array(fc.record({ state: fc.constantFrom(...STATES), isUrgent: fc.boolean() }), {
  maxLength: 8,
});
const named = (all: readonly Case[], holds: (one: Case) => boolean): readonly string[] =>
  all.flatMap((one, n) => (holds(one) ? [`p${n}`] : []));

describe('the tokens of a write', () => {
  it('are asked for by urgency, and those that can wait only if something is written anyway', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (all, drops) => {
        const { requested } = take(all, drops);

        // If none is more urgent than another, all are.
        const isOneUrgent = all.some(({ isUrgent }) => isUrgent);
        const urgent = named(all, ({ isUrgent }) => isUrgent || !isOneUrgent);
        const isWorthIt = drops || all.some((one) => one.isUrgent && one.state === 'cached');
        const others = isWorthIt && isOneUrgent ? named(all, ({ isUrgent }) => !isUrgent) : [];
        expect(requested).toEqual([...urgent, ...others]);
      }),
    );
  });

  it('become entries or failures: each token that was asked for is an entry, or a failure with its time', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (all, drops) => {
        const { requested, entries, failures, isWorthWaiting } = take(all, drops);
        const answered = all.filter((_, n) => requested.includes(`p${n}`));

        expect(entries).toHaveLength(answered.filter(({ state }) => state === 'cached').length);
        expect(entries.length + failures.length).toBe(requested.length);
        expect(failures.every((failure) => failure.until === until)).toBe(true);
        const inTime = answered.filter(({ state }) => ['firstMint', 'tooSoon'].includes(state));
        expect(isWorthWaiting).toBe(inTime.length > 0);
      }),
    );
  });

  it('are reported by profile if their mint has failed, whatever happens to the others', () => {
    fc.assert(
      fc.property(cases, (all) => {
        const { failures } = take(all, true);
        const denials = failures.filter(({ eventReason }) => eventReason === 'TokenRequestDenied');

        const failed = named(all, ({ state }) => state === 'retry' || state === 'failed');
        expect(denials.map(({ message }) => message).sort()).toEqual(
          failed.map((profile) => `profile "${profile}": denied`).sort(),
        );
      }),
    );
  });

  it('wake the namespace up when they have been minted, and at no other time', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (all) => {
        const { endMints, wakeUps } = take(all, true);
        await Promise.resolve();
        const before = wakeUps.count;
        endMints();
        await settle();

        const mints = all.filter(({ state }) => state === 'firstMint' || state === 'retry');
        expect([before, wakeUps.count]).toEqual([0, mints.length]);
      }),
      { numRuns: 50 },
    );
  });
});

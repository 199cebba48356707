import { describe, expect, it } from '@jest/globals';
import type { CachedPullSecret, ObservedNamespace } from '../../../../src/domain/state/observed.ts';
import type { Plan, PlanInput, Step } from '../../../../src/domain/plan/plan-model.ts';
import { planNamespace } from '../../../../src/domain/plan/plan.ts';
import { isPending, shareOf } from '../../../../src/domain/plan/removal-brake.ts';
import { renderPlan } from '../../../../src/domain/plan/render-plan.ts';
import { configHashOf } from '../../../../src/domain/plan/write-reason.ts';
import type { TokenRecord } from '../../../../src/domain/state/token-record.ts';
import { dueAt, jitterOf } from '../../../../src/domain/token/refresh-policy.ts';
import type { Settings } from '../../../../src/domain/settings.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  NOW,
  SECRET_NAME,
  aFaultyProfile,
  aForeignSecret,
  aMatcher,
  aNamespace,
  aProfile,
  aPullSecret,
  aRestoredSecret,
  aServiceAccount,
  aSettledNamespace,
  aTokenRecord,
  anAttachedAccount,
  anIdentity,
  annotationsOf,
  hostOf,
  inMs,
  someSettings,
} from '../../../support/values/builders.ts';

interface Row {
  readonly when: string;
  readonly observed: ObservedNamespace;
  readonly settings?: Settings;
  readonly input?: Change;
  /** Steps as `kind:reason`, followed by the ServiceAccount’s name; then the reasons of the conditions. */
  readonly gives?: readonly string[];
  readonly requeueAt?: Date;
}

const settings = someSettings();
const optedOut = annotationsOf({ enabled: 'false' });
const unset = annotationsOf({});
const iso = (delayMs: number): string => inMs(delayMs).toISOString();
/** When the fresh Secret of the builders is due. */
const refreshAt = dueAt(aTokenRecord(), jitterOf('uid-of-team-a'), settings.refresh);

interface Change extends Partial<PlanInput> {
  readonly isBraked?: boolean;
}

function plan(observed: ObservedNamespace, { isBraked = false, ...change }: Change = {}): Plan {
  const { whileBraked, ...result } = planNamespace({
    observed,
    settings,
    secretName: SECRET_NAME,
    now: NOW,
    refreshRequestSeenAt: undefined,
    removalSeen: undefined,
    isContested: () => false,
    bookkeepingAllowed: true,
    ...change,
  });
  return isBraked && whileBraked !== undefined ? whileBraked : result;
}

function describeStep(step: Step): string {
  const account = 'account' in step ? ` ${step.account.name}` : '';
  return `${step.kind}:${step.reason}${account}`;
}

/** `common`: the defaults of each row. */
function holds(rows: readonly Row[], common: Partial<Row> = {}): void {
  const all = rows.map((row) => ({ settings, ...common, ...row }));
  it.each(all)('$when', (row) => {
    const result = plan(row.observed, { settings: row.settings, ...row.input });

    const gives = [
      ...result.steps.map(describeStep),
      ...result.conditions.map(({ reason }) => reason),
    ];
    expect({ gives, requeueAt: result.requeueAt }).toEqual({
      gives: row.gives ?? [],
      requeueAt: row.requeueAt,
    });
  });
}

const all = ['writeSecret:missing', 'attach:notAttached default'];
const selecting = (matcher = aMatcher({ names: ['team-*'] })) =>
  someSettings({ namespaces: { selector: matcher } });

describe('opting in', () => {
  holds([
    { when: 'the namespace says true', observed: aNamespace(), gives: all },
    { when: 'nothing is set', observed: aNamespace({ annotations: unset }) },
    { when: 'the namespace says false', observed: aNamespace({ annotations: optedOut }) },
    {
      when: 'the selector picks it by name',
      observed: aNamespace({ annotations: unset }),
      settings: selecting(),
      gives: all,
    },
    {
      when: 'the selector picks it by label',
      observed: aNamespace({ annotations: unset, labels: { tier: 'x' } }),
      settings: selecting(aMatcher({ matchLabels: { tier: 'x' } })),
      gives: all,
    },
    {
      when: 'the selector requires a label that it does not have',
      observed: aNamespace({ annotations: unset }),
      settings: selecting(aMatcher({ names: ['team-*'], matchLabels: { tier: 'x' } })),
    },
    {
      when: 'its own false overrules the selector',
      observed: aNamespace({ annotations: optedOut }),
      settings: selecting(),
    },
    {
      when: 'exclude overrules its own true and the selector',
      observed: aNamespace(),
      settings: someSettings({
        namespaces: { selector: aMatcher({ names: ['*'] }), exclude: ['team-*'] },
      }),
    },
    {
      when: 'exclude overrules even an unreadable annotation',
      observed: aSettledNamespace({ annotations: annotationsOf({ enabled: 'yes' }) }),
      settings: someSettings({ namespaces: { exclude: ['team-a'] } }),
      gives: ['annotateSecret:removalStamped'],
    },
    { when: 'it is terminating', observed: aNamespace({ terminating: true }) },
    {
      when: 'it is terminating and opted out with a Secret that is overdue',
      observed: aSettledNamespace({
        terminating: true,
        annotations: optedOut,
        pullSecret: aPullSecret({ removalDueAt: iso(-1) }),
      }),
    },
  ]);
});

describe('the choice of ServiceAccounts', () => {
  const three = ['default', 'builder', 'other'].map((name) => aServiceAccount(name));
  const settled = (serviceAccounts: ObservedNamespace['serviceAccounts'], list?: string) =>
    aSettledNamespace({
      serviceAccounts,
      annotations: annotationsOf({
        enabled: 'true',
        ...(list === undefined ? {} : { serviceAccounts: list }),
      }),
    });
  holds([
    {
      when: 'all by default',
      observed: settled(three),
      gives: [
        'attach:notAttached default',
        'attach:notAttached builder',
        'attach:notAttached other',
      ],
      requeueAt: refreshAt,
    },
    {
      when: 'the named ones, spaces allowed',
      observed: settled(three, ' builder , default'),
      gives: ['attach:notAttached default', 'attach:notAttached builder'],
      requeueAt: refreshAt,
    },
    { when: 'none', observed: settled(three, 'none'), requeueAt: refreshAt },
    {
      when: 'one that is no longer listed loses our reference',
      observed: settled([anAttachedAccount('default'), anAttachedAccount('other')], 'default'),
      gives: ['detach:notListed other'],
      requeueAt: refreshAt,
    },
    {
      when: 'one that is not listed keeps it if we have no Secret',
      observed: { ...settled([anAttachedAccount('other')], 'default'), pullSecret: undefined },
      gives: ['writeSecret:missing'],
    },
    {
      when: 'its own true beats the list',
      observed: settled([aServiceAccount('other', { attach: 'true' })], 'none'),
      gives: ['attach:notAttached other'],
      requeueAt: refreshAt,
    },
    {
      when: 'its own false beats the list',
      observed: settled([anAttachedAccount('default', { attach: 'false' })]),
      gives: ['detach:notListed default'],
      requeueAt: refreshAt,
    },
    {
      when: 'a bad attach freezes that one only',
      observed: settled([
        anAttachedAccount('default', { attach: 'no' }),
        aServiceAccount('builder', { attach: 'True' }),
        aServiceAccount('other'),
      ]),
      gives: ['attach:notAttached other', 'InvalidAnnotation', 'InvalidAnnotation'],
      requeueAt: refreshAt,
    },
    {
      when: 'our reference is there twice and becomes one',
      observed: settled([
        aServiceAccount('default', {
          imagePullSecrets: [{ name: SECRET_NAME }, { name: 'x' }, { name: SECRET_NAME }],
        }),
      ]),
      gives: ['attach:duplicated default'],
      requeueAt: refreshAt,
    },
    {
      when: 'attach.mode none beats everything and leaves references',
      observed: settled([
        aServiceAccount('default', { attach: 'true' }),
        anAttachedAccount('builder', { attach: 'false' }),
        aServiceAccount('other', { attach: 'nonsense' }),
      ]),
      settings: someSettings({ attach: 'none' }),
      requeueAt: refreshAt,
    },
    {
      when: 'its own true means nothing outside opted-in namespaces',
      observed: aNamespace({
        annotations: unset,
        serviceAccounts: [aServiceAccount('default', { attach: 'true' })],
      }),
    },
    {
      when: 'a reference with our name in an unmanaged namespace stays',
      observed: aNamespace({
        annotations: unset,
        serviceAccounts: [anAttachedAccount('default', { attach: 'false' })],
      }),
    },
    {
      when: 'the Secret need not exist first',
      observed: aNamespace({ serviceAccounts: [anAttachedAccount()] }),
      gives: ['writeSecret:missing'],
    },
  ]);
});

describe('the write of the Secret', () => {
  const withSecret = (change: Parameters<typeof aPullSecret>[0]) =>
    aSettledNamespace({ pullSecret: aPullSecret(change) });
  const old = aTokenRecord({ mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(4 * HOUR_MS) });
  holds([
    { when: 'all is well', observed: aSettledNamespace(), requeueAt: refreshAt },
    {
      when: 'there is none',
      observed: aNamespace({ serviceAccounts: [] }),
      gives: ['writeSecret:missing'],
    },
    {
      when: 'it was restored from a backup',
      observed: aSettledNamespace({ pullSecret: aRestoredSecret() }),
      gives: ['writeSecret:restored'],
    },
    {
      when: 'it was restored from a backup and is stamped for removal',
      observed: aSettledNamespace({ pullSecret: aRestoredSecret({ removalDueAt: iso(-HOUR_MS) }) }),
      gives: ['writeSecret:restored'],
    },
    {
      when: 'somebody changed the data',
      observed: withSecret({ tamperedWith: ['data'], dataOurs: false }),
      gives: ['writeSecret:tampered'],
    },
    {
      when: 'the record of its tokens cannot be read',
      observed: withSecret({ tokens: undefined }),
      gives: ['writeSecret:tampered'],
    },
    {
      when: 'the profile was edited',
      observed: withSecret({ configHash: 'another' }),
      gives: ['writeSecret:profilesChanged'],
    },
    {
      when: 'the identity of the profile changed though its text did not',
      observed: withSecret({ tokens: [aTokenRecord({ identity: 'f'.repeat(64) })] }),
      gives: ['writeSecret:profilesChanged'],
    },
    {
      when: 'it holds one token too many',
      observed: withSecret({ tokens: [aTokenRecord(), aTokenRecord({ profile: 'former' })] }),
      gives: ['writeSecret:profilesChanged'],
    },
    { when: 'it is due', observed: withSecret({ tokens: [old] }), gives: ['writeSecret:due'] },
    {
      when: 'it is exactly due',
      observed: aSettledNamespace(),
      input: { now: refreshAt },
      gives: ['writeSecret:due'],
    },
    {
      when: 'it is a moment before it is due',
      observed: aSettledNamespace(),
      input: { now: new Date(refreshAt.getTime() - 1) },
      requeueAt: refreshAt,
    },
    {
      when: 'a label was stripped',
      observed: withSecret({ labelsWhole: false, labelledOurs: false }),
      gives: ['annotateSecret:labelsStripped'],
    },
    {
      when: 'somebody added a key to the data',
      observed: withSecret({ foreignDataKeys: ['extra'] }),
      gives: ['annotateSecret:dataAdded'],
    },
    {
      when: 'somebody has made it immutable: known before it matters',
      observed: withSecret({ immutableSet: true }),
      gives: ['SecretImmutable'],
      requeueAt: refreshAt,
    },
    {
      when: 'it is immutable and due: the server has the last word',
      observed: withSecret({ immutableSet: true, tokens: [old] }),
      gives: ['writeSecret:due', 'SecretImmutable'],
    },
    {
      when: 'somebody is deleting it',
      observed: withSecret({ terminating: true, tamperedWith: ['data'] }),
    },
    {
      when: 'the name is taken: nothing is written and nothing attached',
      observed: aNamespace({ pullSecret: aForeignSecret() }),
      gives: ['SecretNotOwned'],
    },
    {
      when: 'the name is taken in a namespace that is not opted in',
      observed: aNamespace({ annotations: unset, pullSecret: aForeignSecret() }),
    },
    {
      when: 'the name is taken and has a stamp',
      observed: aNamespace({
        annotations: optedOut,
        pullSecret: aForeignSecret({ removalDueAt: iso(-HOUR_MS) }),
        serviceAccounts: [anAttachedAccount()],
      }),
    },
  ]);

  it('names the other instance that owns it, so that nobody deletes a Secret that is in use', () => {
    const messageOf = (change: Parameters<typeof aForeignSecret>[0]) =>
      plan(aNamespace({ pullSecret: aForeignSecret(change) })).conditions.map(
        ({ message }) => message,
      );

    expect(messageOf({})).toEqual([expect.stringContaining('delete it to get')]);
    expect(messageOf({ otherInstance: 'blue' })).toEqual([
      expect.stringMatching(
        /belongs to instance "blue" .* give one of the two instances another secretName/,
      ),
    ]);
    expect(messageOf({ otherInstance: 'blue' })).not.toEqual([expect.stringContaining('delete')]);
  });

  it('is not delayed by repairs that somebody undoes as fast as they are made', () => {
    for (const trouble of [
      { labelsWhole: false, labelledOurs: false },
      { foreignDataKeys: ['extra'] },
    ]) {
      const observed = withSecret({ ...trouble, tokens: [old] });
      const { steps } = plan(observed, { bookkeepingAllowed: false });
      expect(steps.map(describeStep)).toEqual(['writeSecret:due']);
    }
  });

  it('comes after repairs that need no token, because those do not wait for AWS', () => {
    const observed = withSecret({ labelsWhole: false, labelledOurs: false, tokens: [old] });
    expect(plan(observed).steps.map(describeStep)).toEqual(['annotateSecret:labelsStripped']);
  });

  it('asks for a token that is not older than the one it replaces', () => {
    const [step] = plan(withSecret({ tokens: [old] })).steps;

    expect(step).toMatchObject({
      entries: [
        {
          profile: 'default',
          need: {
            notBefore: old.mintedAt,
            notOutlivedBy: old.expiresAt,
            holdsLiveToken: true,
          },
        },
      ],
    });
  });

  it('asks for no older token if another profile provided one of the same identity', () => {
    const ofAnother = { ...old, profile: 'another', identity: anIdentity().hash };
    const [step] = plan(withSecret({ tokens: [ofAnother] })).steps;

    expect(step).toMatchObject({
      reason: 'profilesChanged',
      entries: [
        { profile: 'default', need: { notBefore: old.mintedAt, holdsLiveToken: true } },
        { verdict: 'drop', profile: 'another' },
      ],
    });
  });

  it('asks for none that expires before any of its identity, whichever one a clock calls the newest', () => {
    const twoOfOneIdentity = [
      aTokenRecord({ mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(6 * HOUR_MS) }),
      aTokenRecord({
        profile: 'another',
        identity: anIdentity().hash,
        mintedAt: inMs(-7 * HOUR_MS),
        expiresAt: inMs(5 * HOUR_MS),
      }),
    ];
    for (const tokens of [twoOfOneIdentity, twoOfOneIdentity.toReversed()]) {
      const [step] = plan(withSecret({ tokens })).steps;
      const entries = step?.kind === 'writeSecret' ? step.entries : [];

      expect(entries.flatMap((entry) => ('need' in entry ? [entry.need] : []))).toMatchObject([
        { notBefore: inMs(-7 * HOUR_MS), notOutlivedBy: inMs(6 * HOUR_MS) },
      ]);
    }
  });

  it('recognizes that its token has expired', () => {
    const expired = aTokenRecord({ mintedAt: inMs(-13 * HOUR_MS), expiresAt: inMs(-HOUR_MS) });
    const [step] = plan(withSecret({ tokens: [expired] })).steps;

    expect(step).toMatchObject({ reason: 'due', entries: [{ need: { holdsLiveToken: false } }] });
  });

  it('does not believe a record that somebody else has changed', () => {
    const forged = aTokenRecord({ expiresAt: inMs(365 * 24 * HOUR_MS) });
    for (const doubt of [{ tokensOurs: false }, { dataOurs: false }]) {
      const [step] = plan(withSecret({ ...doubt, tokens: [forged], tamperedWith: ['x'] })).steps;

      expect(step).toMatchObject({
        reason: 'tampered',
        entries: [{ need: { notBefore: undefined, holdsLiveToken: false } }],
      });
    }
  });

  it('sets no lower bound on the mint time if the Secret’s token is dated in the future', () => {
    const ahead = aTokenRecord({ mintedAt: inMs(HOUR_MS), expiresAt: inMs(13 * HOUR_MS) });
    const [step] = plan(withSecret({ tokens: [ahead], configHash: 'another' })).steps;

    expect(step).toMatchObject({
      entries: [{ need: { notBefore: undefined, notOutlivedBy: ahead.expiresAt } }],
    });
  });

  it('refreshes a token that was minted by a clock that was ahead and went back', () => {
    const ahead = aTokenRecord({ mintedAt: inMs(HOUR_MS), expiresAt: inMs(13 * HOUR_MS) });

    expect(plan(withSecret({ tokens: [ahead] })).steps.map(describeStep)).toEqual([
      'writeSecret:due',
    ]);
  });
});

describe('a request for a refresh', () => {
  const asking = (value: string, satisfied: string | undefined) =>
    aSettledNamespace({
      annotations: annotationsOf({ enabled: 'true', refreshRequestedAt: value }),
      pullSecret: aPullSecret({ refreshRequestedAt: satisfied }),
    });
  holds([
    {
      when: 'is new',
      observed: asking('2', '1'),
      input: { refreshRequestSeenAt: NOW },
      gives: ['writeSecret:refreshRequested'],
    },
    { when: 'is satisfied', observed: asking('1', '1'), requeueAt: refreshAt },
    {
      when: 'is removed: nothing is left to do',
      observed: aSettledNamespace({ pullSecret: aPullSecret({ refreshRequestedAt: '1' }) }),
      requeueAt: refreshAt,
    },
    {
      when: 'may be empty',
      observed: asking('', '1'),
      input: { refreshRequestSeenAt: NOW },
      gives: ['writeSecret:refreshRequested'],
    },
    {
      when: 'is too long to be valid',
      observed: asking('x'.repeat(257), '1'),
      gives: ['InvalidAnnotation'],
      requeueAt: refreshAt,
    },
  ]);

  it('is satisfied by a token from the minute before it was seen, and copies its value to the Secret', () => {
    const seenAt = inMs(-5 * MINUTE_MS);
    const [step] = plan(asking('2', '1'), { refreshRequestSeenAt: seenAt }).steps;

    expect(step).toMatchObject({
      refreshRequestedAt: '2',
      entries: [{ need: { notBefore: inMs(-6 * MINUTE_MS) } }],
    });
  });

  it('asks for no older token than the one in the Secret', () => {
    const observed = {
      ...asking('2', '1'),
      pullSecret: aPullSecret({ tokens: [aTokenRecord({ mintedAt: inMs(-10_000) })] }),
    };
    const [step] = plan(observed, { refreshRequestSeenAt: NOW }).steps;

    expect(step).toMatchObject({ entries: [{ need: { notBefore: inMs(-10_000) } }] });
  });

  it('keeps the value on the Secret if the namespace has none', () => {
    const observed = aSettledNamespace({
      pullSecret: aPullSecret({ refreshRequestedAt: '1', configHash: 'another' }),
    });

    expect(plan(observed).steps).toMatchObject([{ refreshRequestedAt: '1' }]);
  });

  it.each([
    ['gone', undefined, undefined],
    ['tampered with', aPullSecret({ refreshRequestedAt: '1', tamperedWith: ['data'] }), '1'],
  ])('waits if the Secret is %s: any live token is better now', (_, pullSecret, satisfied) => {
    const observed = { ...asking('2', '1'), pullSecret };
    const [step] = plan(observed, { refreshRequestSeenAt: NOW }).steps;

    expect(step).toMatchObject({
      refreshRequestedAt: satisfied,
      entries: [{ need: { notBefore: pullSecret?.tokens?.[0]?.mintedAt } }],
    });
  });

  it('that was never open asks for no new token if the Secret is gone', () => {
    const observed = { ...asking('1', '1'), pullSecret: undefined };
    const [step] = plan(observed, { refreshRequestSeenAt: undefined }).steps;

    expect(step).toMatchObject({
      reason: 'missing',
      refreshRequestedAt: '1',
      entries: [{ need: { notBefore: undefined } }],
    });
  });
});

describe('a removal', () => {
  const removing = (
    removalDueAt: string | undefined,
    change: Parameters<typeof aNamespace>[0] = {},
  ) =>
    aSettledNamespace({
      annotations: optedOut,
      pullSecret: aPullSecret({ removalDueAt }),
      ...change,
    });
  const due = inMs(5 * MINUTE_MS);
  holds([
    {
      when: 'starts with a stamp',
      observed: removing(undefined),
      gives: ['annotateSecret:removalStamped'],
    },
    { when: 'waits for its time', observed: removing(due.toISOString()), requeueAt: due },
    {
      when: 'detaches first',
      observed: removing(iso(0), {
        serviceAccounts: [anAttachedAccount('a'), aServiceAccount('b'), anAttachedAccount('c')],
      }),
      gives: ['detach:optedOut a', 'detach:optedOut c'],
    },
    {
      when: 'does not wait for a ServiceAccount that somebody keeps attaching again',
      observed: removing(iso(0), { serviceAccounts: [anAttachedAccount('a')] }),
      input: { isContested: (uid) => uid === 'uid-of-sa-a' },
      gives: ['deleteSecret:optedOut'],
    },
    {
      when: 'then deletes, however late',
      observed: removing(iso(-HOUR_MS), { serviceAccounts: [aServiceAccount()] }),
      gives: ['deleteSecret:optedOut'],
    },
    {
      when: 'leaves references if attach.mode is none',
      observed: removing(iso(-1)),
      settings: someSettings({ attach: 'none' }),
      gives: ['deleteSecret:optedOut'],
    },
    {
      when: 'is cancelled by opting in again',
      observed: aSettledNamespace({ pullSecret: aPullSecret({ removalDueAt: iso(-HOUR_MS) }) }),
      gives: ['annotateSecret:removalCleared'],
    },
    {
      when: 'is not prolonged by a forged stamp',
      observed: removing(iso(365 * 24 * HOUR_MS)),
      gives: ['annotateSecret:removalStamped'],
    },
    ...['soon', '1', '2026', 'default=', '=', iso(-1).slice(0, 10)].map((stamp) => ({
      when: `is not hastened by a stamp that we could not have written: ${stamp}`,
      observed: removing(stamp),
      gives: ['annotateSecret:removalStamped'],
    })),
    {
      when: 'does not happen to a Secret that may only be refreshed',
      observed: removing(undefined, {
        pullSecret: aRestoredSecret({ removalDueAt: iso(-HOUR_MS) }),
      }),
    },
    {
      when: 'does not happen if the Secret is already gone, whatever is attached',
      observed: removing(undefined, { pullSecret: undefined }),
    },
    {
      when: 'is cancelled for an opted-in namespace whose profile no longer exists',
      observed: aSettledNamespace({ pullSecret: aPullSecret({ removalDueAt: iso(-1) }) }),
      settings: someSettings({ profiles: [] }),
      gives: ['annotateSecret:removalCleared', 'UnknownProfile'],
    },
    {
      when: 'waits while the brake is engaged, and is requeued',
      observed: removing(iso(-1)),
      input: { isBraked: true },
      requeueAt: inMs(MINUTE_MS),
    },
  ]);

  const old = aTokenRecord({ mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(4 * HOUR_MS) });
  const longGrace = { ...settings.removal, gracePeriodMs: 24 * HOUR_MS };
  holds([
    {
      when: 'renews nothing that lives longer, however due it is',
      observed: removing(undefined, {
        pullSecret: aPullSecret({ removalDueAt: due.toISOString(), tokens: [old] }),
      }),
      requeueAt: due,
    },
    {
      when: 'renews an entry that would end before',
      observed: removing(undefined, {
        pullSecret: aPullSecret({
          removalDueAt: due.toISOString(),
          tokens: [{ ...old, expiresAt: due }],
        }),
      }),
      gives: ['writeSecret:due'],
      requeueAt: due,
    },
    {
      when: 'does not renew one that would end before, but is not due yet',
      observed: removing(undefined, {
        pullSecret: aPullSecret({ removalDueAt: iso(11 * HOUR_MS) }),
      }),
      settings: someSettings({ removal: longGrace }),
      requeueAt: refreshAt,
    },
    {
      when: 'ignores a request for a refresh',
      observed: removing(undefined, {
        annotations: annotationsOf({ enabled: 'false', refreshRequestedAt: '1' }),
        pullSecret: aPullSecret({ removalDueAt: due.toISOString() }),
      }),
      input: { refreshRequestSeenAt: NOW },
      requeueAt: due,
    },
    {
      when: 'does not repair content of which it knows nothing',
      observed: removing(undefined, {
        pullSecret: aPullSecret({
          removalDueAt: due.toISOString(),
          tamperedWith: ['data'],
          dataOurs: false,
        }),
      }),
      requeueAt: due,
    },
    {
      when: 'keeps the Secret fresh while the brake is engaged',
      observed: removing(undefined, {
        pullSecret: aPullSecret({ removalDueAt: iso(-1), tokens: [old] }),
      }),
      input: { isBraked: true },
      gives: ['writeSecret:due'],
      requeueAt: inMs(MINUTE_MS),
    },
  ]);

  const seen = (delayMs: number) => ({ kind: 'whole', at: inMs(delayMs) }) as const;
  holds([
    {
      when: 'stamps the time that was seen, if somebody removed the stamp',
      observed: removing(undefined),
      input: { removalSeen: seen(MINUTE_MS) },
      gives: ['annotateSecret:removalStamped'],
    },
    {
      when: 'waits for the time that was seen, if somebody keeps removing the stamp',
      observed: removing(undefined),
      input: { removalSeen: seen(MINUTE_MS), bookkeepingAllowed: false },
      requeueAt: inMs(MINUTE_MS),
    },
    {
      when: 'comes at the time that was seen, without a stamp',
      observed: removing(undefined),
      input: { removalSeen: seen(0) },
      gives: ['detach:optedOut default'],
    },
    {
      when: 'comes at the time that was seen, if somebody moved the stamp',
      observed: removing(iso(5 * MINUTE_MS)),
      input: { removalSeen: seen(-1) },
      gives: ['detach:optedOut default'],
    },
    {
      when: 'comes at the time of the stamp, if that is earlier than what was seen',
      observed: removing(iso(0)),
      input: { removalSeen: seen(MINUTE_MS) },
      gives: ['detach:optedOut default'],
    },
    {
      when: 'comes at once if somebody brings the Secret back, with our Apply entry',
      observed: removing(undefined, {
        pullSecret: aPullSecret({ uid: 'uid-of-another' }),
        serviceAccounts: [aServiceAccount()],
      }),
      input: { removalSeen: seen(-HOUR_MS) },
      gives: ['deleteSecret:optedOut'],
    },
    {
      when: 'is stamped in the pass that sees it first, however short the grace period is',
      observed: removing(undefined),
      settings: someSettings({ removal: { ...settings.removal, gracePeriodMs: 0 } }),
      gives: ['annotateSecret:removalStamped'],
    },
  ]);

  it('is remembered with the earliest time that was stamped, and forgotten by opting in again', () => {
    const dueOf = (observed: ObservedNamespace, change: Change = {}) =>
      plan(observed, change).removalSeen;

    expect(dueOf(removing(undefined))).toBeUndefined();
    expect(dueOf(removing(iso(HOUR_MS)))).toEqual(seen(HOUR_MS));
    expect(dueOf(removing(iso(HOUR_MS)), { removalSeen: seen(-1) })).toEqual(seen(-1));
    expect(dueOf(removing(iso(-2)), { removalSeen: seen(-1) })).toEqual(seen(-2));
    const gone = removing(undefined, { pullSecret: undefined });
    expect(dueOf(gone, { removalSeen: seen(-1) })).toEqual(seen(-1));
    const frozen = removing(undefined, { annotations: annotationsOf({ enabled: 'x' }) });
    expect(dueOf(frozen, { removalSeen: seen(-1) })).toEqual(seen(-1));
    const terminating = removing(undefined, { terminating: true });
    expect(dueOf(terminating, { removalSeen: seen(-1) })).toEqual(seen(-1));
    expect(dueOf(aSettledNamespace(), { removalSeen: seen(-1) })).toBeUndefined();
  });

  it('writes no token into an excluded namespace, no matter who put a Secret with our marks there', () => {
    const settings = someSettings({ namespaces: { exclude: ['team-a'] } });
    const due = aPullSecret({ tokens: [aTokenRecord({ mintedAt: inMs(-11 * HOUR_MS) })] });
    const planted = aPullSecret({ appliedByUs: false, tamperedWith: ['data'] });

    const stamped = plan(aSettledNamespace({ pullSecret: due }), { settings });
    const left = plan(aSettledNamespace({ pullSecret: planted }), { settings });

    expect(stamped.steps.map(describeStep)).toEqual(['annotateSecret:removalStamped']);
    expect(left.steps).toEqual([]);
  });

  it('is due a grace period from now', () => {
    expect(plan(removing(undefined)).steps).toMatchObject([{ removalDueAt: iso(10 * MINUTE_MS) }]);
    expect(plan(removing(iso(HOUR_MS))).steps).toMatchObject([
      { removalDueAt: iso(10 * MINUTE_MS) },
    ]);
  });

  it('clears its stamp with null', () => {
    const observed = aSettledNamespace({ pullSecret: aPullSecret({ removalDueAt: iso(-1) }) });

    expect(plan(observed).steps).toMatchObject([{ removalDueAt: null }]);
  });

  it('refreshes with the profile that exists, not with one that the namespace never had', () => {
    const teamA = aProfile('team-a');
    const pullSecret = aPullSecret({
      removalDueAt: due.toISOString(),
      tokens: [aTokenRecord({ profile: 'team-a' })],
      configHash: configHashOf([teamA]),
    });
    const observed = removing(undefined, { annotations: unset, pullSecret });

    const { steps } = plan(observed, { settings: someSettings({ profiles: [aProfile(), teamA] }) });

    expect(steps).toEqual([]);
  });
});

describe('a Secret that has our labels, but not our Apply entry', () => {
  const frozenBy = (values: Parameters<typeof annotationsOf>[0]) => annotationsOf(values);
  const restored = (annotations: Readonly<Record<string, string>>) =>
    aSettledNamespace({ annotations, pullSecret: aRestoredSecret() });
  holds([
    {
      when: 'is ours in a namespace that is opted in',
      observed: restored(annotationsOf({ enabled: 'true' })),
      gives: ['writeSecret:restored'],
    },
    ...[{ profiles: 'a,,b' }, { enabled: 'true', serviceAccounts: '' }].map((values) => ({
      when: `is ours in one that is frozen by another annotation: ${JSON.stringify(values)}`,
      observed: restored(frozenBy(values)),
      gives: ['writeSecret:restored', 'InvalidAnnotation'],
    })),
    ...[{ enabled: 'yes' }, { enabled: 'yes', profiles: 'a,,b' }].map((values) => ({
      when: `is nobody's in one that is frozen by its opt-in: ${JSON.stringify(values)}`,
      observed: restored(frozenBy(values)),
      gives: Object.keys(values).map(() => 'InvalidAnnotation'),
    })),
    { when: 'is nobody’s in one that is opted out', observed: restored(optedOut) },
    { when: 'is nobody’s in one that never opted in', observed: restored(unset) },
    {
      when: 'is nobody’s in one that the selector no longer picks',
      observed: restored(unset),
      settings: selecting(aMatcher({ names: ['other-*'] })),
    },
    {
      when: 'is nobody’s in one that is excluded',
      observed: restored(annotationsOf({ enabled: 'true' })),
      settings: someSettings({ namespaces: { exclude: ['team-a'] } }),
    },
  ]);

  const noticesIn = (observed: ObservedNamespace): readonly string[] =>
    plan(observed).notices.map(({ reason, message }) => `${reason}: ${message}`);

  it('is worth a notice where it is nobody’s and a ServiceAccount references it', () => {
    const accounts = [aServiceAccount('a'), anAttachedAccount('b'), anAttachedAccount('c')];
    const referenced = { ...restored(optedOut), serviceAccounts: accounts };

    expect(noticesIn(referenced)).toEqual([
      expect.stringMatching(/^SecretNotOwned: .*ServiceAccount "b" references it/),
    ]);
    expect(noticesIn({ ...referenced, serviceAccounts: [aServiceAccount('a')] })).toEqual([]);
    expect(noticesIn({ ...referenced, pullSecret: aForeignSecret() })).toEqual([]);
    expect(noticesIn({ ...referenced, pullSecret: aPullSecret() })).toEqual([]);
    const { request } = aNamespace();
    expect(noticesIn({ ...referenced, request })).toEqual([]);
  });
});

describe('an object that is too large to be read', () => {
  const tooLarge = true;
  const reasons = (observed: ObservedNamespace) =>
    plan(observed).conditions.map(({ reason, about }) =>
      about === 'Namespace' ? reason : `${reason} ${about.serviceAccount.name}`,
    );

  it('is reported, ten ServiceAccounts at most beside ten with a bad annotation', () => {
    const fat = Array.from({ length: 30 }, (_, n) => aServiceAccount(`fat-${n}`, { tooLarge }));
    const bad = Array.from({ length: 30 }, (_, n) =>
      aServiceAccount(`bad-${n}`, { attach: 'yes' }),
    );
    const serviceAccounts = [...bad, ...fat, aServiceAccount('good')];
    const observed = aNamespace({ serviceAccounts });

    expect(reasons(observed)).toHaveLength(20);
    expect(reasons(observed)).toContain('ObjectTooLarge fat-9');
    expect(plan(observed).steps.map((step) => 'account' in step && step.account.name)).toEqual([
      false,
      'good',
    ]);
  });

  it('freezes its namespace if it is the Secret, and concerns nobody where there is no opt-in', () => {
    const optedOut = { annotations: annotationsOf({ enabled: 'false' }) };
    const [ours, foreign] = [aPullSecret({ tooLarge }), aForeignSecret({ tooLarge })];

    for (const pullSecret of [ours, foreign]) {
      expect(plan(aNamespace({ pullSecret })).steps).toEqual([]);
      expect(reasons(aNamespace({ pullSecret }))).toEqual(['ObjectTooLarge']);
    }
    expect(plan(aNamespace({ ...optedOut, pullSecret: ours })).steps).toEqual([]);
    expect(reasons(aNamespace({ ...optedOut, pullSecret: ours }))).toEqual(['ObjectTooLarge']);
    expect(reasons(aNamespace({ ...optedOut, pullSecret: foreign }))).toEqual([]);
  });

  it('is no removal that waits', () => {
    const namespace = aNamespace({ annotations: annotationsOf({ enabled: 'false' }) });
    const counts = (pullSecret: CachedPullSecret) => {
      const share = shareOf(namespace, pullSecret, settings);
      return [share.isManaged, isPending(share, undefined, settings, NOW)];
    };

    expect(counts(aPullSecret())).toEqual([true, true]);
    expect(counts(aPullSecret({ tooLarge }))).toEqual([true, false]);
  });
});

describe('profiles', () => {
  const teamA = aProfile('team-a', { allowedNamespaces: aMatcher({ names: ['team-a'] }) });
  const denied = aProfile('team-b', { allowedNamespaces: aMatcher({ names: ['team-b'] }) });
  const using = (profiles: string, change: Parameters<typeof aNamespace>[0] = {}) =>
    aNamespace({ annotations: annotationsOf({ enabled: 'true', profiles }), ...change });
  const withProfiles = someSettings({
    profiles: [aProfile(), teamA, denied, aFaultyProfile('broken')],
  });
  const holding = (profile: string, change: Parameters<typeof aPullSecret>[0] = {}) =>
    aPullSecret({ tokens: [aTokenRecord({ profile })], ...change });
  const attached = { serviceAccounts: [anAttachedAccount()] };
  const stamp = (profile: string, delayMs: number): string => `${profile}=${iso(delayMs)}`;

  holds(
    [
      { when: 'allowed', observed: using('team-a'), gives: all },
      ...['nowhere', 'constructor', 'tostring'].map((name) => ({
        when: `absent: ${name}`,
        observed: using(name),
        gives: ['UnknownProfile'],
      })),
      { when: 'faulty', observed: using('broken'), gives: ['InvalidProfile'] },
      { when: 'denied', observed: using('team-b'), gives: ['ProfileNotAllowed'] },
      {
        when: 'absent now: the Secret and the references stay',
        observed: using('gone', { pullSecret: holding('gone'), ...attached }),
        gives: ['UnknownProfile'],
      },
      {
        when: 'faulty now: the Secret and the references stay, even expired',
        observed: using('broken', {
          pullSecret: holding('broken', {
            tokens: [aTokenRecord({ profile: 'broken', expiresAt: inMs(-1) })],
          }),
          ...attached,
        }),
        gives: ['InvalidProfile'],
      },
      {
        when: 'an error while deciding means no',
        observed: using('odd'),
        settings: someSettings({
          profiles: [
            aProfile('odd', {
              allowedNamespaces: {
                names: undefined,
                matchLabels: {},
                get matchExpressions(): never {
                  throw new Error('broken');
                },
              },
            }),
          ],
        }),
        gives: ['ProfileNotAllowed'],
      },
      {
        when: 'changed by the namespace itself: at once',
        observed: using('team-a', { pullSecret: aPullSecret(), ...attached }),
        gives: ['writeSecret:profilesChanged'],
      },
      {
        when: 'changed by the namespace to one that it may not use: its entry stays, unrefreshed',
        observed: using('team-b', { pullSecret: aPullSecret(), ...attached }),
        gives: ['ProfileNotAllowed'],
      },
      {
        when: 'withdrawn: stamped',
        observed: using('team-b', { pullSecret: holding('team-b'), ...attached }),
        gives: ['annotateSecret:removalStamped', 'ProfileNotAllowed'],
      },
      {
        when: 'withdrawn: not refreshed in its grace period, even if due',
        observed: using('team-b', {
          pullSecret: holding('team-b', {
            removalDueAt: stamp('team-b', MINUTE_MS),
            tamperedWith: ['data'],
          }),
          ...attached,
        }),
        gives: ['ProfileNotAllowed'],
        requeueAt: inMs(MINUTE_MS),
      },
      {
        when: 'withdrawn: detached',
        observed: using('team-b', {
          pullSecret: holding('team-b', { removalDueAt: stamp('team-b', 0) }),
          ...attached,
        }),
        gives: ['detach:profileWithdrawn default', 'ProfileNotAllowed'],
      },
      {
        when: 'withdrawn: deleted',
        observed: using('team-b', {
          pullSecret: holding('team-b', { removalDueAt: stamp('team-b', 0) }),
        }),
        gives: ['deleteSecret:profileWithdrawn', 'ProfileNotAllowed'],
      },
      {
        when: 'withdrawn: kept while the brake is engaged',
        observed: using('team-b', {
          pullSecret: holding('team-b', { removalDueAt: stamp('team-b', 0) }),
        }),
        input: { isBraked: true },
        gives: ['ProfileNotAllowed'],
        requeueAt: inMs(MINUTE_MS),
      },
      {
        when: 'allowed again: the stamp is removed',
        observed: using('team-a', {
          pullSecret: holding('team-a', {
            configHash: configHashOf([teamA]),
            removalDueAt: stamp('team-a', MINUTE_MS),
          }),
          ...attached,
        }),
        gives: ['annotateSecret:removalCleared'],
      },
      {
        when: 'allowed to no namespace, but our Secret exists: nothing is attached',
        observed: using('gone', { pullSecret: holding('gone') }),
        gives: ['UnknownProfile'],
      },
    ],
    { settings: withProfiles },
  );

  // Several in one Secret.
  const rival = aProfile('rival', {
    logins: [{ identity: anIdentity('rival'), hosts: [hostOf()] }],
  });
  const several = someSettings({
    profiles: [aProfile(), teamA, denied, rival, aFaultyProfile('broken')],
  });
  const old = { mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(4 * HOUR_MS) };
  const withTokens = (
    tokens: readonly TokenRecord[],
    change: Parameters<typeof aPullSecret>[0] = {},
  ): ReturnType<typeof aPullSecret> =>
    aPullSecret({ tokens, configHash: configHashOf([aProfile(), teamA]), ...change });
  const ofDefault = aTokenRecord();
  const ofTeamA = aTokenRecord({ profile: 'team-a' });
  const ofTeamB = aTokenRecord({ profile: 'team-b' });
  const withSeveral = (
    profiles: string,
    pullSecret: ReturnType<typeof aPullSecret> | undefined,
  ): Pick<Row, 'observed'> => ({ observed: using(profiles, { pullSecret, ...attached }) });
  holds(
    [
      {
        when: 'several: all is well',
        ...withSeveral('default,team-a', withTokens([ofDefault, ofTeamA])),
        requeueAt: refreshAt,
      },
      {
        when: 'several: one is missing',
        ...withSeveral('default,team-a', withTokens([ofDefault])),
        gives: ['writeSecret:profilesChanged'],
      },
      {
        when: 'several: one is due',
        ...withSeveral('default,team-a', withTokens([ofDefault, { ...ofTeamA, ...old }])),
        gives: ['writeSecret:due'],
      },
      {
        when: 'several: one names other registries than its record',
        ...withSeveral(
          'default,team-a',
          withTokens([ofDefault, { ...ofTeamA, registries: ['x'] }]),
        ),
        gives: ['writeSecret:profilesChanged'],
      },
      {
        when: 'several: one is removed from the list',
        ...withSeveral('default', withTokens([ofDefault, ofTeamA])),
        gives: ['writeSecret:profilesChanged'],
      },
      {
        when: 'several: one was edited without other registries',
        ...withSeveral('default,team-a', withTokens([ofDefault, ofTeamA], { configHash: 'other' })),
        gives: ['writeSecret:profilesChanged'],
      },
      ...['gone', 'broken'].map((name) => ({
        when: `several: one is stalled, with an entry, whatever the hash: ${name}`,
        ...withSeveral(
          `default,${name}`,
          withTokens([ofDefault, aTokenRecord({ profile: name })], { configHash: 'other' }),
        ),
        gives: [name === 'gone' ? 'UnknownProfile' : 'InvalidProfile'],
        requeueAt: refreshAt,
      })),
      {
        when: 'several: one is stalled and its entry has expired: no reason to write',
        ...withSeveral(
          'default,gone',
          withTokens([ofDefault, aTokenRecord({ profile: 'gone', expiresAt: NOW })]),
        ),
        gives: ['UnknownProfile'],
        requeueAt: refreshAt,
      },
      {
        when: 'several: one is stalled and another one is due',
        ...withSeveral(
          'default,gone',
          withTokens([{ ...ofDefault, ...old }, aTokenRecord({ profile: 'gone' })]),
        ),
        gives: ['writeSecret:due', 'UnknownProfile'],
      },
      {
        when: 'several: one is removed from the list, and only stalled ones are left',
        ...withSeveral('gone', withTokens([ofDefault, aTokenRecord({ profile: 'gone' })])),
        gives: ['writeSecret:profilesChanged', 'UnknownProfile'],
      },
      {
        when: 'several: the same registry twice',
        ...withSeveral('default,rival', aPullSecret()),
        gives: ['RegistryConflict'],
        requeueAt: refreshAt,
      },
      {
        when: 'several: the same registry twice, in the other order',
        ...withSeveral('rival,default', aPullSecret()),
        gives: ['writeSecret:profilesChanged', 'RegistryConflict'],
      },
      {
        when: 'several: one is withdrawn: stamped',
        ...withSeveral('default,team-b', withTokens([ofDefault, ofTeamB])),
        gives: ['annotateSecret:removalStamped', 'ProfileNotAllowed'],
      },
      {
        when: 'several: one is withdrawn: the others are refreshed in its grace period',
        ...withSeveral(
          'default,team-b',
          withTokens([{ ...ofDefault, ...old }, ofTeamB], {
            removalDueAt: stamp('team-b', MINUTE_MS),
          }),
        ),
        gives: ['writeSecret:due', 'ProfileNotAllowed'],
        requeueAt: inMs(MINUTE_MS),
      },
      {
        when: 'several: one is withdrawn: its entry is removed, and the reference stays',
        ...withSeveral(
          'default,team-b',
          withTokens([ofDefault, ofTeamB], { removalDueAt: stamp('team-b', 0) }),
        ),
        gives: ['writeSecret:profileWithdrawn', 'ProfileNotAllowed'],
      },
      {
        when: 'several: one is withdrawn: kept while the brake is engaged',
        ...withSeveral(
          'default,team-b',
          withTokens([ofDefault, ofTeamB], { removalDueAt: stamp('team-b', 0) }),
        ),
        input: { isBraked: true },
        gives: ['ProfileNotAllowed'],
        requeueAt: inMs(MINUTE_MS),
      },
      {
        when: 'several: one is withdrawn, the other has no entry yet: detached',
        ...withSeveral(
          'default,team-b',
          withTokens([ofTeamB], { removalDueAt: stamp('team-b', 0) }),
        ),
        gives: ['detach:profileWithdrawn default', 'ProfileNotAllowed'],
      },
      {
        when: 'several: one is withdrawn, a stalled one stays: only the former is removed',
        ...withSeveral(
          'gone,team-b',
          withTokens([aTokenRecord({ profile: 'gone', expiresAt: NOW }), ofTeamB], {
            removalDueAt: stamp('team-b', 0),
          }),
        ),
        gives: ['writeSecret:profileWithdrawn', 'UnknownProfile', 'ProfileNotAllowed'],
      },
      {
        when: 'several: the entry of a withdrawn one is gone: the stamp is removed',
        ...withSeveral('default,team-b', aPullSecret({ removalDueAt: stamp('team-b', MINUTE_MS) })),
        gives: ['annotateSecret:removalCleared', 'ProfileNotAllowed'],
      },
      {
        when: 'several: frozen: the allowed ones are refreshed',
        observed: aSettledNamespace({
          annotations: annotationsOf({ enabled: 'yes' }),
          pullSecret: withTokens([{ ...ofDefault, ...old }, ofTeamB]),
        }),
        gives: ['writeSecret:due', 'InvalidAnnotation'],
      },
    ],
    { settings: several },
  );

  it('gives each withdrawn profile a time of its own, and none more than the grace period', () => {
    const alsoDenied = aProfile('team-c', { allowedNamespaces: aMatcher({ names: ['team-c'] }) });
    const tokens = [ofDefault, ofTeamB, aTokenRecord({ profile: 'team-c' })];
    const removalDueAt = `${stamp('team-b', MINUTE_MS)},${stamp('former', MINUTE_MS)}`;
    const stampOf = (text: string) =>
      plan(
        using('default,team-b,team-c', {
          pullSecret: withTokens(tokens, { removalDueAt: text }),
          ...attached,
        }),
        { settings: someSettings({ profiles: [aProfile(), denied, alsoDenied] }) },
      ).steps;

    expect(stampOf(removalDueAt)).toMatchObject([
      { removalDueAt: `${stamp('team-b', MINUTE_MS)},${stamp('team-c', 10 * MINUTE_MS)}` },
    ]);
    expect(stampOf(stamp('team-b', 24 * HOUR_MS))).toMatchObject([
      { removalDueAt: `${stamp('team-b', 10 * MINUTE_MS)},${stamp('team-c', 10 * MINUTE_MS)}` },
    ]);
  });

  const seenFor = (name: string, delayMs: number) =>
    ({ kind: 'profiles', at: new Map([[name, inMs(delayMs)]]) }) as const;

  it('withdraws a profile at the time that was seen, whatever becomes of its stamp', () => {
    const tokens = [ofDefault, ofTeamB];
    const stepsOf = (text: string | undefined, bookkeepingAllowed: boolean, delayMs: number) => {
      const pullSecret = withTokens(tokens, { removalDueAt: text });
      const observed = using('default,team-b', { pullSecret, ...attached });
      const removalSeen = seenFor('team-b', delayMs);
      return plan(observed, { settings: several, bookkeepingAllowed, removalSeen });
    };
    const withdrawn = ['writeSecret:profileWithdrawn'];

    expect(stepsOf(undefined, true, MINUTE_MS).steps).toMatchObject([
      { removalDueAt: stamp('team-b', MINUTE_MS) },
    ]);
    expect(stepsOf(undefined, false, MINUTE_MS).requeueAt).toEqual(inMs(MINUTE_MS));
    expect(stepsOf(undefined, false, 0).steps.map(describeStep)).toEqual(withdrawn);
    expect(stepsOf(undefined, true, 0).steps.map(describeStep)).toEqual(withdrawn);
    expect(stepsOf(stamp('team-b', HOUR_MS), true, 0).steps.map(describeStep)).toEqual(withdrawn);
  });

  it('remembers the time of a denied profile although its entry is gone, until it is allowed', () => {
    const removalSeen = seenFor('team-b', -HOUR_MS);
    const observed = using('default,team-b', { pullSecret: withTokens([ofDefault]), ...attached });
    const allowed = someSettings({ profiles: [aProfile(), teamA, aProfile('team-b')] });

    expect(plan(observed, { settings: several, removalSeen }).removalSeen).toEqual(removalSeen);
    expect(plan(observed, { settings: allowed, removalSeen }).removalSeen).toBeUndefined();
  });

  it('leaves alone what lives until the removal, also of a profile with several identities', () => {
    const regions = aProfile('wide', {
      logins: [
        { identity: anIdentity('wide'), hosts: [hostOf('wide')] },
        { identity: anIdentity('wide', { region: 'us-east-1' }), hosts: [hostOf('far')] },
      ],
    });
    const [near, far] = regions.logins.map(({ identity }) =>
      aTokenRecord({ profile: 'wide', identity: identity.hash }),
    );
    const ending = { mintedAt: inMs(-12 * HOUR_MS), expiresAt: inMs(MINUTE_MS) };
    const rowsOf = (tokens: readonly (TokenRecord | undefined)[]) => {
      const pullSecret = withTokens(
        tokens.filter((one) => one !== undefined),
        { removalDueAt: iso(5 * MINUTE_MS) },
      );
      const observed = aSettledNamespace({ annotations: optedOut, pullSecret });
      return renderPlan(plan(observed, { settings: someSettings({ profiles: [regions] }) }));
    };
    const requeue = `requeue at ${iso(5 * MINUTE_MS)}`;

    expect(rowsOf([near, far])).toBe(requeue);
    expect(rowsOf([near && { ...near, ...ending }, far])).toBe(
      `writeSecret (due): renew wide (due), keep wide (leaving); ${requeue}`,
    );
    expect(rowsOf([near && { ...near, ...ending, identity: 'former' }, far])).toBe(
      `writeSecret (profilesChanged): renew wide (missing), keepUntilRenewed wide (identityChanged), keep wide (leaving); ${requeue}`,
    );
  });

  it('carries over entries that cannot be used, and asks for no token for them', () => {
    const gone = aTokenRecord({ profile: 'gone' });
    const pullSecret = withTokens([{ ...ofDefault, ...old }, gone, ofTeamB], {
      removalDueAt: stamp('team-b', MINUTE_MS),
    });
    const result = plan(using('default,gone,team-b', { pullSecret, ...attached }), {
      settings: several,
    });

    expect(renderPlan(result)).toBe(
      `writeSecret (due): renew default (due), keep gone (absent), keep team-b (denied); requeue at ${iso(MINUTE_MS)}`,
    );
    expect(result.steps).toMatchObject([
      {
        entries: [{ record: { ...ofDefault, ...old } }, { record: gone }, { record: ofTeamB }],
        configHash: configHashOf([aProfile()]),
      },
    ]);
  });

  it('does not carry over anything that somebody else has changed', () => {
    const gone = aTokenRecord({ profile: 'gone' });
    for (const doubt of [{ dataOurs: false }, { tokensOurs: false }, { appliedByUs: false }]) {
      const pullSecret = withTokens([ofDefault, gone], { ...doubt, tamperedWith: ['x'] });
      const [step] = plan(using('default,gone', { pullSecret, ...attached }), {
        settings: several,
      }).steps;

      expect(step).toMatchObject({ entries: [{ verdict: 'renew', record: undefined }] });
    }
  });

  it('says of each entry why it is renewed, or that it only is alongside', () => {
    const reasons = (tokens: readonly TokenRecord[], change = {}) => {
      const pullSecret = withTokens(tokens, change);
      const [step] = plan(using('default,team-a', { pullSecret, ...attached }), {
        settings: several,
      }).steps;
      const entries = step?.kind === 'writeSecret' ? step.entries : [];
      return entries.map(({ profile, reason }) => `${profile} ${reason}`);
    };

    expect(reasons([ofDefault])).toEqual(['default alongside', 'team-a missing']);
    expect(reasons([ofDefault, { ...ofTeamA, ...old }])).toEqual([
      'default alongside',
      'team-a due',
    ]);
    expect(reasons([{ ...ofDefault, registries: ['x'] }, ofTeamA])).toEqual([
      'default registriesChanged',
      'team-a alongside',
    ]);
    expect(reasons([ofDefault, ofTeamA], { configHash: 'x' })).toEqual([
      'default alongside',
      'team-a alongside',
    ]);
  });

  it('names ten at most, however many there are', () => {
    const profiles = Array.from({ length: 128 }, (_, n) => `unknown-${n}`).join();

    expect(plan(using(profiles), { settings: several }).conditions).toHaveLength(10);
  });

  it('names the profile and its time in the stamp', () => {
    const observed = using('team-b', { pullSecret: holding('team-b') });

    expect(plan(observed, { settings: withProfiles }).steps).toMatchObject([
      { removalDueAt: stamp('team-b', 10 * MINUTE_MS) },
    ]);
  });

  it('inherits the time of a stamp of the other kind, so that switching gains no time', () => {
    const soon = MINUTE_MS;
    const toProfile = using('team-b', {
      pullSecret: holding('team-b', { removalDueAt: iso(soon) }),
    });
    const toWhole = aNamespace({
      annotations: optedOut,
      pullSecret: holding('team-b', { removalDueAt: stamp('team-b', soon) }),
    });
    const stampOf = (observed: ObservedNamespace) =>
      plan(observed, { settings: withProfiles }).steps;

    const seen = plan(toWhole, { settings: withProfiles, removalSeen: seenFor('team-b', 1) });
    expect(seen.removalSeen).toEqual({ kind: 'whole', at: inMs(1) });
    const other = plan(toWhole, { settings: withProfiles, removalSeen: seenFor('gone', -1) });
    expect(other.removalSeen).toEqual({ kind: 'whole', at: inMs(soon) });
    expect(stampOf(toProfile)).toMatchObject([{ removalDueAt: stamp('team-b', soon) }]);
    expect(stampOf(toWhole)).toMatchObject([{ removalDueAt: iso(soon) }]);
  });

  it('shows the people of a namespace what is allowed there, but no account, role or host', () => {
    const { conditions } = plan(using('team-b'), { settings: withProfiles });
    const message = conditions[0]?.message ?? '';

    expect(message).toContain('"team-b"');
    expect(message).toContain('allowed here: default, team-a');
    expect(message).not.toMatch(/amazonaws|\d{12}|role/);
  });
});

describe('a namespace that cannot be read', () => {
  const bad = [
    annotationsOf({ enabled: 'yes' }),
    annotationsOf({ enabled: 'TRUE' }),
    annotationsOf({ enabled: '' }),
    annotationsOf({ enabled: 'true', profiles: '' }),
    annotationsOf({ enabled: 'true', profiles: 'a,,b' }),
    annotationsOf({ enabled: 'true', profiles: 'a,b,__proto__' }),
    annotationsOf({ enabled: 'true', profiles: '__proto__' }),
    annotationsOf({ enabled: 'true', profiles: 'arn:aws:iam::123456789012:role/x' }),
    annotationsOf({ enabled: 'true', profiles: 'dеfault' }),
    annotationsOf({ enabled: 'true', serviceAccounts: '' }),
    annotationsOf({ enabled: 'true', serviceAccounts: 'a,,b' }),
    annotationsOf({ enabled: 'false', serviceAccounts: 'a b' }),
    annotationsOf({ enabled: 'true', serviceAccounts: '*,a' }),
    annotationsOf({ enabled: 'true', serviceAccounts: 'x'.repeat(256 * 1024) }),
  ];
  const old = aTokenRecord({ mintedAt: inMs(-8 * HOUR_MS), expiresAt: inMs(4 * HOUR_MS) });

  const named = bad.map((annotations) => ({
    text: Object.values(annotations).join(' ').slice(0, 40),
    annotations,
  }));
  it.each(named)('is frozen: $text', ({ annotations }) => {
    const withoutSecret = plan(aNamespace({ annotations }));
    const attached = plan(
      aSettledNamespace({ annotations, serviceAccounts: [aServiceAccount('new')] }),
    );
    const due = plan(
      aSettledNamespace({ annotations, pullSecret: aPullSecret({ tokens: [old] }) }),
    );
    const stamped = plan(
      aSettledNamespace({ annotations, pullSecret: aPullSecret({ removalDueAt: iso(-1) }) }),
    );

    for (const result of [withoutSecret, attached, due, stamped]) {
      expect(result.conditions.map(({ reason }) => reason)).toEqual(['InvalidAnnotation']);
    }
    expect(withoutSecret.steps).toEqual([]);
    expect(attached.steps).toEqual([]);
    expect(due.steps.map(describeStep)).toEqual(['writeSecret:due']);
    expect(stamped.steps).toEqual([]);
  });

  it('is refreshed with the profiles that its Secret names and that it may still use', () => {
    const denied = aProfile('team-b', { allowedNamespaces: aMatcher({ names: ['team-b'] }) });
    const teamA = aProfile('team-a');
    const frozen = annotationsOf({ enabled: 'yes' });
    const holding = (profile: string) =>
      aSettledNamespace({
        annotations: frozen,
        pullSecret: aPullSecret({
          tokens: [
            { ...old, ...aTokenRecord({ profile, mintedAt: old.mintedAt, expiresAt: NOW }) },
          ],
          configHash: 'another',
        }),
      });
    const withProfiles = { settings: someSettings({ profiles: [aProfile(), teamA, denied] }) };

    expect(plan(holding('team-a'), withProfiles).steps).toMatchObject([
      { entries: [{ verdict: 'renew', profile: 'team-a' }], configHash: configHashOf([teamA]) },
    ]);
    expect(plan(holding('team-b'), withProfiles).steps).toEqual([]);
  });

  it('says which annotation is wrong and what is allowed, and repeats only a little of it', () => {
    const annotations = annotationsOf({ profiles: `\u001b[31m${'é'.repeat(500)}"` });
    const [condition] = plan(aNamespace({ annotations })).conditions;

    expect(condition?.message).toMatch(
      /^annotation ecr-pull-secrets\.io\/profiles has the invalid value "/,
    );
    expect(condition?.message).toMatch(/allowed: /);
    expect(condition?.message).toMatch(/^[ -~…]*$/);
    expect(condition?.message.length).toBeLessThan(300);
  });
});

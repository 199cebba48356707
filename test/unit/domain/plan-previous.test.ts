import { describe, expect, it } from '@jest/globals';
import type { ObservedNamespace, PullSecretRecord } from '../../../src/domain/observed.ts';
import type { PlanInput, Step } from '../../../src/domain/plan-model.ts';
import { planNamespace } from '../../../src/domain/plan.ts';
import { configHashOf } from '../../../src/domain/write-reason.ts';
import type { Settings } from '../../../src/domain/settings.ts';
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
  aTokenRecord,
  annotationsOf,
  inMs,
  someSettings,
} from '../../support/builders.ts';

const OLD = 'old-pull-secret';
const REGCRED = { name: 'regcred' };
const OLD_ENTRY = { name: OLD };
const ENTRY = { name: SECRET_NAME };
const DAY_MS = 24 * HOUR_MS;

const due = { removalDueAt: inMs(-1).toISOString() };
const later = { removalDueAt: inMs(5 * MINUTE_MS).toISOString() };

const inItsLastHours = aTokenRecord({
  mintedAt: inMs(-9 * HOUR_MS),
  expiresAt: inMs(3 * HOUR_MS),
});

function anOldSecret(change: Partial<PullSecretRecord> = {}): PullSecretRecord {
  return aPullSecret({ name: OLD, uid: 'uid-of-old', ...change });
}

/** Opted in, with both Secrets, and both entries on its one ServiceAccount. */
function halfWay(change: Partial<ObservedNamespace> = {}): ObservedNamespace {
  return aNamespace({
    pullSecret: aPullSecret(),
    previousSecrets: [anOldSecret()],
    serviceAccounts: [
      aServiceAccount('default', { imagePullSecrets: [REGCRED, OLD_ENTRY, ENTRY] }),
    ],
    ...change,
  });
}

const withOld = (change: Partial<PullSecretRecord>, rest: Partial<ObservedNamespace> = {}) =>
  halfWay({ previousSecrets: [anOldSecret(change)], ...rest });

function plan(observed: ObservedNamespace, change: Partial<PlanInput> = {}) {
  return planNamespace({
    observed,
    settings: someSettings(),
    secretName: SECRET_NAME,
    now: NOW,
    refreshRequestSeenAt: undefined,
    removalAllowed: true,
    bookkeepingAllowed: true,
    ...change,
  });
}

/** `kind:reason name`, with the ServiceAccount's name behind. */
function told(step: Step): string {
  if (step.kind === 'attach') {
    return `attach:${step.reason} ${step.secretNames.join('+')} ${step.account.name}`;
  }
  const name = 'secretName' in step ? step.secretName : step.existing.name;
  const account = 'account' in step ? ` ${step.account.name}` : '';
  return `${step.kind}:${step.reason} ${name}${account}`;
}

interface Row {
  readonly when: string;
  readonly observed: ObservedNamespace;
  readonly settings?: Settings;
  readonly input?: Partial<PlanInput>;
  readonly steps?: readonly string[];
  readonly conditions?: readonly string[];
}

function holds(rows: readonly Row[]): void {
  it.each(rows.map((row) => [row.when, row] as const))('%s', (_, row) => {
    const { settings = someSettings() } = row;
    const { steps, conditions } = plan(row.observed, { settings, ...row.input });
    expect(steps.map(told)).toEqual(row.steps ?? []);
    expect(conditions.map(({ reason }) => reason)).toEqual(row.conditions ?? []);
  });
}

const stampsOld = [`annotateSecret:removalStamped ${OLD}`];
const oldAlone = [aServiceAccount('default', { imagePullSecrets: [OLD_ENTRY] })];
const graceOf = (gracePeriodMs: number, change: Parameters<typeof someSettings>[0] = {}) =>
  someSettings({
    ...change,
    removal: { gracePeriodMs, brake: { kind: 'fraction', fraction: 0.05 } },
  });

describe('while today’s Secret is not there yet', () => {
  const before = (change: Partial<PullSecretRecord> = {}, rest: Partial<ObservedNamespace> = {}) =>
    withOld(change, { pullSecret: undefined, serviceAccounts: oldAlone, ...rest });
  const moves = [`writeSecret:missing ${SECRET_NAME}`, `attach:notAttached ${SECRET_NAME} default`];

  holds([
    {
      when: 'it is written and attached at once, and the old one stays',
      observed: before(),
      steps: moves,
    },
    {
      when: 'an old one that is due is refreshed as ever',
      observed: before({
        tokens: [inItsLastHours],
      }),
      steps: [...moves, `writeSecret:due ${OLD}`],
    },
    {
      when: 'a stamp on the old one, of a moment when there was another, is cleared',
      observed: before(due),
      steps: [...moves, `annotateSecret:removalCleared ${OLD}`],
    },
    {
      when: 'a foreign Secret has today’s name',
      observed: before(due, { pullSecret: aForeignSecret() }),
      steps: [`annotateSecret:removalCleared ${OLD}`],
      conditions: ['SecretNotOwned'],
    },
    {
      when: 'the namespace is frozen: nothing new is made',
      observed: before(due, { annotations: annotationsOf({ enabled: 'yes' }) }),
      conditions: ['InvalidAnnotation'],
    },
  ]);
});

describe('a ServiceAccount that is new', () => {
  const isNew = [aServiceAccount('new', { imagePullSecrets: [REGCRED] })];
  const writesNew = `writeSecret:missing ${SECRET_NAME}`;
  const awaiting = (
    change: Partial<PullSecretRecord> = {},
    rest: Partial<ObservedNamespace> = {},
  ) => withOld(change, { pullSecret: undefined, serviceAccounts: isNew, ...rest });
  const both = `attach:notAttached ${SECRET_NAME}+${OLD} new`;
  const todays = `attach:notAttached ${SECRET_NAME} new`;
  const dead = { tokens: [aTokenRecord({ mintedAt: inMs(-DAY_MS), expiresAt: inMs(0) })] };

  holds([
    {
      when: 'is given both in one step while only the old one is there',
      observed: awaiting(),
      steps: [writesNew, both],
    },
    {
      when: 'is given both where today’s is dead',
      observed: awaiting({}, { pullSecret: aPullSecret(dead) }),
      steps: [`writeSecret:due ${SECRET_NAME}`, both],
    },
    {
      when: 'is given both where today’s is on its way out by somebody’s deletion',
      observed: awaiting({}, { pullSecret: aPullSecret({ terminating: true }) }),
      steps: [`attach:notAttached ${OLD} new`],
    },
    {
      when: 'is given both where it is not known what the old one opens',
      observed: awaiting({ dataOurs: false, tamperedWith: ['data'] }),
      steps: [writesNew, both, `writeSecret:tampered ${OLD}`],
    },
    {
      when: 'is given the old one alone where a foreign Secret has today’s name',
      observed: awaiting({}, { pullSecret: aForeignSecret() }),
      steps: [`attach:notAttached ${OLD} new`],
      conditions: ['SecretNotOwned'],
    },
    {
      when: 'is given the old one too where it has today’s alone, as after a roll-out that was broken off',
      observed: awaiting(
        {},
        { serviceAccounts: [aServiceAccount('new', { imagePullSecrets: [ENTRY] })] },
      ),
      steps: [writesNew, `attach:notAttached ${OLD} new`],
    },
    {
      when: 'is given each of several old ones',
      observed: awaiting(
        {},
        { previousSecrets: [anOldSecret(), anOldSecret({ name: 'older', uid: 'uid-of-older' })] },
      ),
      steps: [writesNew, `attach:notAttached ${SECRET_NAME}+${OLD}+older new`],
    },
    {
      when: 'is given today’s alone where that opens as much',
      observed: halfWay({ serviceAccounts: isNew }),
      steps: [todays, ...stampsOld],
    },
    {
      when: 'is given today’s alone where the old one is dead, and can’t be refreshed',
      observed: awaiting({ ...dead, immutableSet: true }),
      steps: [writesNew, todays],
    },
    {
      when: 'is given today’s alone where the old one is foreign',
      observed: awaiting({}, { previousSecrets: [aForeignSecret({ name: OLD })] }),
      steps: [writesNew, todays],
    },
    {
      when: 'is given today’s alone where the old one is terminating',
      observed: awaiting({ terminating: true }),
      steps: [writesNew, todays],
    },
    {
      when: 'is given nothing where it is excluded',
      observed: awaiting({}, { serviceAccounts: [aServiceAccount('new', { attach: 'false' })] }),
      steps: [writesNew],
    },
    {
      when: 'is given nothing where we attach nothing',
      observed: awaiting(),
      settings: someSettings({ attach: 'none' }),
      steps: [writesNew],
    },
    {
      when: 'is given nothing while the namespace is frozen',
      observed: awaiting({}, { annotations: annotationsOf({ enabled: 'yes' }) }),
      conditions: ['InvalidAnnotation'],
    },
    {
      when: 'is given nothing where the namespace has no profile that works',
      observed: awaiting(),
      settings: someSettings({ profiles: [aFaultyProfile('default')] }),
      conditions: ['InvalidProfile'],
    },
  ]);
});

describe('a Secret that does not replace the old one', () => {
  const cleared = [`annotateSecret:removalCleared ${OLD}`];
  const team = aProfile('team-a');
  const two = {
    annotations: annotationsOf({ enabled: 'true', profiles: 'default,team-a' }),
    previousSecrets: [
      anOldSecret({ ...due, tokens: [aTokenRecord(), aTokenRecord({ profile: 'team-a' })] }),
    ],
  };
  const onlyDefault = aPullSecret({ configHash: configHashOf([aProfile(), team]) });

  holds([
    {
      when: 'its token is dead',
      observed: withOld(due, {
        pullSecret: aPullSecret({
          tokens: [aTokenRecord({ expiresAt: inMs(0), mintedAt: inMs(-HOUR_MS) })],
        }),
      }),
      steps: [`writeSecret:due ${SECRET_NAME}`, ...cleared],
    },
    {
      when: 'somebody has written over it',
      observed: withOld(due, {
        pullSecret: aPullSecret({ dataOurs: false, tamperedWith: ['data'] }),
      }),
      steps: [`writeSecret:tampered ${SECRET_NAME}`, ...cleared],
    },
    {
      when: 'it is terminating, with a finalizer of somebody',
      observed: withOld(due, { pullSecret: aPullSecret({ terminating: true }) }),
      steps: cleared,
    },
    {
      when: 'it lacks a registry that the old one opens',
      observed: halfWay({ ...two, pullSecret: onlyDefault }),
      settings: someSettings({ profiles: [aProfile(), team] }),
      steps: [`writeSecret:profilesChanged ${SECRET_NAME}`, ...cleared],
    },
    {
      when: 'its token is due, and the old one lives longer',
      observed: withOld(due, { pullSecret: aPullSecret({ tokens: [inItsLastHours] }) }),
      steps: [`writeSecret:due ${SECRET_NAME}`, ...cleared],
    },
    {
      when: 'it lacks one whose profile has a fault now',
      observed: halfWay({ ...two, pullSecret: aPullSecret() }),
      settings: someSettings({ profiles: [aProfile(), aFaultyProfile('team-a')] }),
      steps: cleared,
      conditions: ['InvalidProfile'],
    },
    {
      when: 'somebody has changed the old one and made it immutable: it can’t be repaired, which is told',
      observed: withOld({ ...due, immutableSet: true, dataOurs: false, tamperedWith: ['data'] }),
      steps: cleared,
      conditions: ['SecretImmutable'],
    },
    {
      when: 'the old one came back from a backup and was made immutable: neither',
      observed: halfWay({
        previousSecrets: [aRestoredSecret({ name: OLD, immutableSet: true })],
      }),
      conditions: ['SecretImmutable'],
    },
    {
      when: 'a ServiceAccount names the old one alone',
      observed: withOld(due, { serviceAccounts: oldAlone }),
      steps: [`attach:notAttached ${SECRET_NAME} default`, ...cleared],
    },
    {
      when: 'a ServiceAccount that can’t be read does',
      observed: withOld(due, {
        serviceAccounts: [
          aServiceAccount('default', { attach: 'maybe', imagePullSecrets: [OLD_ENTRY] }),
        ],
      }),
      steps: cleared,
      conditions: ['InvalidAnnotation'],
    },
    {
      when: 'a ServiceAccount does where we attach nothing',
      observed: withOld(due, { serviceAccounts: oldAlone }),
      settings: someSettings({ attach: 'none' }),
      steps: cleared,
    },
  ]);
});

describe('a Secret that is replaced', () => {
  const attachNothing = someSettings({ attach: 'none' });
  const nobody = halfWay().serviceAccounts.map((account) => ({
    ...account,
    imagePullSecrets: [REGCRED, ENTRY],
  }));

  holds([
    { when: 'is stamped', observed: halfWay(), steps: stampsOld },
    {
      when: 'is stamped though its token lives longer, as after a roll-back, where today’s is not due yet',
      observed: withOld({ tokens: [aTokenRecord({ expiresAt: inMs(12 * HOUR_MS) })] }),
      steps: stampsOld,
    },
    {
      when: 'goes where both hold the same token, and it is due',
      observed: withOld(
        { ...due, tokens: [inItsLastHours] },
        { pullSecret: aPullSecret({ tokens: [inItsLastHours] }) },
      ),
      steps: [`writeSecret:due ${SECRET_NAME}`, `detach:replaced ${OLD} default`],
    },
    { when: 'waits for its time', observed: withOld(later) },
    {
      when: 'is detached when its time has come',
      observed: withOld(due),
      steps: [`detach:replaced ${OLD} default`],
    },
    {
      when: 'is deleted once nobody names it',
      observed: withOld(due, { serviceAccounts: nobody }),
      steps: [`deleteSecret:replaced ${OLD}`],
    },
    {
      when: 'is deleted at once where we attach nothing',
      observed: withOld(due),
      settings: attachNothing,
      steps: [`deleteSecret:replaced ${OLD}`],
    },
    {
      when: 'stays while the brake is engaged',
      observed: withOld(due),
      input: { removalAllowed: false },
    },
    {
      when: 'is kept fresh while it waits',
      observed: withOld({
        removalDueAt: inMs(5 * DAY_MS).toISOString(),
        tokens: [inItsLastHours],
      }),
      settings: graceOf(7 * DAY_MS),
      steps: [`writeSecret:due ${OLD}`],
    },
    {
      when: 'is not refreshed where somebody has made it immutable, and goes all the same',
      observed: withOld({
        immutableSet: true,
        removalDueAt: inMs(5 * DAY_MS).toISOString(),
        tokens: [inItsLastHours],
      }),
      settings: graceOf(7 * DAY_MS),
    },
    {
      when: 'loses the entry of a ServiceAccount that the list excludes now',
      observed: withOld(later, {
        serviceAccounts: [
          aServiceAccount('default', { attach: 'false', imagePullSecrets: [OLD_ENTRY] }),
        ],
      }),
      steps: [`detach:notListed ${OLD} default`],
    },
    {
      when: 'goes though it holds a dead entry of a profile that is no more',
      observed: withOld({
        ...due,
        tokens: [aTokenRecord(), aTokenRecord({ profile: 'gone', expiresAt: inMs(0) })],
      }),
      steps: [`detach:replaced ${OLD} default`],
    },
    {
      when: 'goes though it holds a live entry of a profile that the namespace has taken off its list',
      observed: withOld({ ...due, tokens: [aTokenRecord(), aTokenRecord({ profile: 'team-a' })] }),
      settings: someSettings({ profiles: [aProfile(), aProfile('team-a')] }),
      steps: [`detach:replaced ${OLD} default`],
    },
    {
      when: 'goes though it holds a live entry of a profile that the namespace may not use',
      observed: withOld(
        { ...due, tokens: [aTokenRecord(), aTokenRecord({ profile: 'team-b' })] },
        { annotations: annotationsOf({ enabled: 'true', profiles: 'default,team-b' }) },
      ),
      settings: someSettings({
        profiles: [
          aProfile(),
          aProfile('team-b', { allowedNamespaces: aMatcher({ names: ['team-b'] }) }),
        ],
      }),
      steps: [`detach:replaced ${OLD} default`],
      conditions: ['ProfileNotAllowed'],
    },
  ]);

  it('is not one whose data somebody has changed: what it opens is not known until it is repaired', () => {
    const changed = withOld({ ...due, dataOurs: false });

    const kinds = plan(changed).steps.map(({ kind }) => kind);

    expect(kinds).not.toContain('detach');
    expect(kinds).not.toContain('deleteSecret');
  });

  it('says when its time comes', () => {
    expect(plan(withOld(later)).recheckAt).toEqual(inMs(5 * MINUTE_MS));
  });
});

describe('of several previous names', () => {
  const older = { name: 'older', uid: 'uid-of-older' };
  const entries = [{ name: 'older' }, OLD_ENTRY, ENTRY];

  it('each goes by itself, and a ServiceAccount loses one entry at a time', () => {
    const { steps } = plan(
      halfWay({
        previousSecrets: [anOldSecret(due), anOldSecret({ ...due, ...older })],
        serviceAccounts: [
          aServiceAccount('default', { imagePullSecrets: entries }),
          aServiceAccount('app', { imagePullSecrets: [{ name: 'older' }, ENTRY] }),
        ],
      }),
    );
    expect(steps.map(told)).toEqual([
      `detach:replaced ${OLD} default`,
      'detach:replaced older app',
    ]);
  });
});

describe('where the namespace is not opted in', () => {
  const out = { annotations: annotationsOf({ enabled: 'false' }) };
  const gone = { ...out, pullSecret: undefined };

  holds([
    {
      when: 'the old one is stamped without another',
      observed: withOld({}, gone),
      steps: stampsOld,
    },
    {
      when: 'the old one goes without another',
      observed: withOld(due, gone),
      steps: [`detach:optedOut ${OLD} default`],
    },
    {
      when: 'both go, one entry of a ServiceAccount after the other',
      observed: withOld(due, { ...out, pullSecret: aPullSecret(due) }),
      steps: [`detach:optedOut ${SECRET_NAME} default`],
    },
    {
      when: 'the administrator excludes it',
      observed: withOld({}, { pullSecret: undefined }),
      settings: someSettings({ namespaces: { exclude: ['team-a'] } }),
      steps: stampsOld,
    },
    {
      when: 'the old one is foreign, today’s goes alone',
      observed: halfWay({
        ...out,
        pullSecret: aPullSecret(due),
        previousSecrets: [aForeignSecret({ name: OLD })],
      }),
      steps: [`detach:optedOut ${SECRET_NAME} default`],
    },
  ]);
});

describe('an old Secret that is not ours to delete', () => {
  holds([
    {
      when: 'is left alone, quietly, where it is foreign',
      observed: halfWay({ previousSecrets: [aForeignSecret({ name: OLD, ...due })] }),
    },
    {
      when: 'becomes ours by its next refresh where it came back from a backup',
      observed: halfWay({ previousSecrets: [aRestoredSecret({ name: OLD, ...due })] }),
      steps: [`writeSecret:restored ${OLD}`],
    },
    {
      when: 'is left alone where it is terminating',
      observed: withOld({ ...due, terminating: true }),
    },
  ]);
});

describe('the names swapped by a roll-back', () => {
  it('keep what was on its way out, and put the other one on the way', () => {
    const back = halfWay({
      pullSecret: anOldSecret(later),
      previousSecrets: [aPullSecret()],
    });
    expect(plan(back, { secretName: OLD }).steps.map(told)).toEqual([
      `annotateSecret:removalCleared ${OLD}`,
      `annotateSecret:removalStamped ${SECRET_NAME}`,
    ]);
  });
});

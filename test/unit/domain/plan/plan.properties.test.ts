import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anyText } from '../../../support/suite/any-text.ts';
import { eligibilityOf } from '../../../../src/domain/eligibility/eligibility.ts';
import { NAMESPACE_ANNOTATIONS } from '../../../../src/domain/contract.ts';
import type {
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../../../src/domain/state/observed.ts';
import { isRenewal } from '../../../../src/domain/plan/entry-plan.ts';
import { decideOptIn } from '../../../../src/domain/eligibility/opt-in.ts';
import { isOursIn } from '../../../../src/domain/eligibility/ownership.ts';
import type { Plan, PlanInput, Step } from '../../../../src/domain/plan/plan-model.ts';
import { planNamespace } from '../../../../src/domain/plan/plan.ts';
import { removes } from '../../../../src/domain/plan/secret-steps.ts';
import type { TokenNeed } from '../../../../src/domain/token/token-need.ts';
import { configHashOf } from '../../../../src/domain/plan/write-reason.ts';
import { isPending, shareOf } from '../../../../src/domain/plan/removal-brake.ts';
import {
  parseAttach,
  parseNamespaceAnnotations,
} from '../../../../src/domain/state/annotations.ts';
import {
  dueOfAll,
  dueOfProfile,
  parseRemovalDue,
  type RemovalDue,
} from '../../../../src/domain/state/removal-due.ts';
import type { Settings } from '../../../../src/domain/settings.ts';
import { after } from '../../../../src/domain/times.ts';
import type { TokenRecord } from '../../../../src/domain/state/token-record.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  SECRET_NAME,
  aFaultyProfile,
  aForeignSecret,
  aMatcher,
  aProfile,
  aPullSecret,
  aRestoredSecret,
  aTokenRecord,
  anIdentity,
  hostOf,
  inMs,
  referring,
  someSettings,
} from '../../../support/values/builders.ts';
import { afterSteps } from '../../../support/values/after-steps.ts';
import { share } from '../../../support/suite/share.ts';

const RUNS = { numRuns: share(300, 2_000) };
/** Clear, write, repair, or stamp, detach, delete: each in a pass of its own. */
const MOST_ROUNDS = 6;

const hostile = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'arn:aws:iam::123456789012:role/admin',
    'https://evil.example',
    'dеfault',
    'a\u0000b',
    '\u001b[2J',
    'default,team-a',
    ',',
    ' ',
    '{}',
    '*,*',
    'x'.repeat(256 * 1024),
  ),
  anyText(),
);
const time = fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }).map(inMs);
const COMMON = ['default', 'team-a'];
const RARE = ['team-b', 'rival', 'broken', 'gone', 'constructor'];
const profileName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...COMMON) },
  fc.constantFrom(...RARE),
);
const OLD_HASH = 'f'.repeat(64);
/** Made once, like the profiles below: hashing for each input would take a fifth of the time. */
const IDENTITIES = new Map([...COMMON, ...RARE].map((name) => [name, anIdentity(name).hash]));
const profileList = fc.array(profileName, { minLength: 1, maxLength: 4 }).map((all) => all.join());

/** One in twenty. */
const rarely = fc.integer({ min: 0, max: 19 }).map((n) => n === 0);

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

const annotations = fc
  .record({
    [NAMESPACE_ANNOTATIONS.enabled]: maybe(
      fc.oneof(
        { weight: 30, arbitrary: fc.constantFrom('true', 'true', 'true', 'false') },
        hostile,
      ),
    ),
    [NAMESPACE_ANNOTATIONS.profiles]: maybe(
      fc.oneof({ weight: 30, arbitrary: profileList }, hostile),
    ),
    [NAMESPACE_ANNOTATIONS.serviceAccounts]: maybe(
      fc.oneof({ weight: 30, arbitrary: fc.constantFrom('*', 'none', 'a', 'a,b') }, hostile),
    ),
    [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: maybe(
      fc.oneof({ weight: 30, arbitrary: fc.constantFrom('1', '2', '') }, hostile),
    ),
  })
  .map((all) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value] as const],
      ),
    ),
  );

const account = (name: string): fc.Arbitrary<CachedServiceAccount> =>
  fc
    .record({
      namespace: fc.constant('team-a'),
      name: fc.constant(name),
      uid: fc.constant(`uid-of-sa-${name}`),
      resourceVersion: fc.constant('1'),
      attach: maybe(fc.oneof(fc.constantFrom('true', 'false'), hostile)).map(parseAttach),
      tooLarge: rarely,
      references: fc.array(
        fc.constantFrom<{ readonly name?: string }>(
          { name: SECRET_NAME },
          // From another instance.
          { name: `${SECRET_NAME}-b` },
          { name: 'regcred' },
          { name: '__proto__' },
          {},
        ),
        { maxLength: 5 },
      ),
    })
    .map(({ references, tooLarge, ...rest }) => ({
      ...rest,
      ...(tooLarge
        ? { references: 0, imagePullSecrets: undefined, tooLarge }
        : referring(references)),
    }));

const token = fc
  .record({ profile: profileName, mintedAt: time, expiresAt: time, isOfOldRole: rarely })
  .map(({ isOfOldRole, ...record }) =>
    aTokenRecord({
      ...record,
      identity: isOfOldRole ? OLD_HASH : (IDENTITIES.get(record.profile) ?? OLD_HASH),
    }),
  );
const item = fc.tuple(profileName, time).map(([name, at]) => `${name}=${at.toISOString()}`);
const stamp = fc.oneof(
  time.map((at) => at.toISOString()),
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join()),
  hostile,
);
const mostly = fc.constantFrom(true, true, true, false);

const ours: fc.Arbitrary<CachedPullSecret> = fc
  .record({
    labelledOurs: fc.boolean(),
    labelsWhole: fc.boolean(),
    tamperedWith: fc.constantFrom([], [], ['data']),
    foreignDataKeys: fc.constantFrom([], [], ['extra']),
    immutableSet: fc.boolean(),
    // There is one entry per login.
    tokens: maybe(
      fc.uniqueArray(token, {
        maxLength: 4,
        selector: ({ profile, identity }) => `${profile}/${identity}`,
      }),
    ),
    tokensOurs: mostly,
    dataOurs: mostly,
    configHash: fc.constantFrom(
      undefined,
      'another',
      configHashOf([aProfile()]),
      configHashOf([aProfile('team-a')]),
    ),
    refreshRequestedAt: maybe(fc.constantFrom('1', '2')),
    removalDueAt: maybe(stamp),
    terminating: rarely,
    tooLarge: rarely,
  })
  .map(({ tooLarge, ...secret }) => aPullSecret({ ...secret, ...(tooLarge ? { tooLarge } : {}) }));

const pullSecret = maybe(
  fc.oneof(
    { weight: 4, arbitrary: ours },
    stamp.map((removalDueAt) => aForeignSecret({ removalDueAt })),
    ours.map((secret) =>
      aRestoredSecret({
        ...secret,
        appliedByUs: false,
        labelledOurs: true,
        tokensOurs: false,
        dataOurs: false,
      }),
    ),
  ),
);

const observed: fc.Arbitrary<ObservedNamespace> = fc
  .record({
    name: fc.constant('team-a'),
    uid: fc.string(),
    resourceVersion: fc.constant('1'),
    labels: fc.constantFrom<Readonly<Record<string, string>>[]>({}, { tier: 'x' }),
    annotations,
    terminating: rarely,
    tooLarge: rarely,
    serviceAccounts: fc.tuple(account('a'), account('b'), account('c')),
    pullSecret,
  })
  .map(({ annotations: texts, tooLarge, ...rest }) =>
    tooLarge
      ? {
          ...rest,
          labels: {},
          request: { kind: 'invalid', faults: [], isEnabledUnknown: true },
          tooLarge,
        }
      : { ...rest, request: parseNamespaceAnnotations(texts) },
  );

const DEFAULT = aProfile();
const TEAM_A = {
  allowed: [aProfile('team-a', { allowedNamespaces: aMatcher({ names: ['team-a'] }) })],
  denied: [aProfile('team-a', { allowedNamespaces: aMatcher({ names: ['x'] }) })],
  absent: [],
};
const OTHERS = [
  aProfile('team-b', { allowedNamespaces: aMatcher({ names: ['team-b'] }) }),
  // Lists the registry of another one.
  aProfile('rival', { logins: [{ identity: anIdentity('rival'), hosts: [hostOf()] }] }),
  aFaultyProfile('broken'),
];

const settings: fc.Arbitrary<Settings> = fc
  .record({
    teamA: fc.constantFrom('allowed' as const, 'denied' as const, 'absent' as const),
    isDefaultThere: fc.constantFrom(true, true, true, false),
    selector: fc.constantFrom(
      undefined,
      aMatcher({ names: ['team-*'] }),
      aMatcher({ matchLabels: { tier: 'x' } }),
    ),
    exclude: fc.constantFrom([], [], [], [], ['team-a'], ['*']),
    gracePeriodMs: fc.constantFrom(0, 10 * MINUTE_MS, 24 * HOUR_MS),
    attach: fc.constantFrom('serviceAccounts' as const, 'none' as const),
  })
  .map(({ teamA, isDefaultThere, selector, exclude, gracePeriodMs, attach }) =>
    someSettings({
      profiles: [...(isDefaultThere ? [DEFAULT] : []), ...TEAM_A[teamA], ...OTHERS],
      namespaces: { selector, exclude },
      removal: { gracePeriodMs, brake: { kind: 'fraction', fraction: 0.05 } },
      attach,
    }),
  );

interface TestInput extends PlanInput {
  /** The brake is engaged. */
  readonly isBraked: boolean;
}

const input: fc.Arbitrary<TestInput> = fc.record({
  observed,
  settings,
  secretName: fc.constant(SECRET_NAME),
  now: time,
  refreshRequestSeenAt: maybe(time),
  removalSeen: maybe(
    fc.oneof(
      time.map((at): RemovalDue => ({ kind: 'whole', at })),
      fc
        .array(fc.tuple(profileName, time), { minLength: 1, maxLength: 3 })
        .map((items): RemovalDue => ({ kind: 'profiles', at: new Map(items) })),
    ),
  ),
  bookkeepingAllowed: fc.boolean(),
  isContested: fc.constantFrom(
    () => false,
    (uid: string) => uid === 'uid-of-sa-a',
  ),
  isBraked: fc.boolean(),
});

/** As the controller plans: again without what the brake stops. */
function planIn({ isBraked, ...planInput }: TestInput): Plan {
  const { whileBraked, ...plan } = planNamespace(planInput);
  return isBraked && whileBraked !== undefined ? whileBraked : plan;
}

/** Holds for the plan of any input, and for the plans that follow once it is carried out. */
function always(check: (plan: Plan, input: TestInput) => boolean): void {
  fc.assert(
    fc.property(input, (first) => {
      let current = first;
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const plan = planIn(current);
        if (!check(plan, current)) return false;
        if (plan.steps.length === 0) return true;
        current = { ...current, observed: afterSteps(current.observed, plan.steps, current) };
      }
      return true;
    }),
    RUNS,
  );
}

function existingOf(step: Step): CachedPullSecret | undefined {
  return 'existing' in step ? step.existing : undefined;
}

function isSameSecret(before: ObservedNamespace, after: ObservedNamespace): boolean {
  return JSON.stringify(before.pullSecret) === JSON.stringify(after.pullSecret);
}

/** Each entry is new and allowed, or was there before. */
function assertCarried(
  before: ObservedNamespace,
  after: ObservedNamespace,
  about: { readonly now: Date; readonly refused: readonly string[]; readonly current: PlanInput },
): void {
  const keyOf = ({ profile, identity, mintedAt, expiresAt }: TokenRecord): string =>
    [profile, identity, mintedAt.toISOString(), expiresAt.toISOString()].join(' ');
  const existing = (before.pullSecret?.tokens ?? []).map(keyOf);
  for (const record of after.pullSecret?.tokens ?? []) {
    if (existing.includes(keyOf(record))) continue;
    expect(record.mintedAt).toEqual(about.now);
    expect(about.refused).not.toContain(record.profile);
    const { settings: configured } = about.current;
    expect(eligibilityOf(record.profile, before, configured).kind).toBe('eligible');
  }
}

function isStamp(step: Step): boolean {
  return step.kind === 'annotateSecret' && step.reason === 'removalStamped';
}

/** Whether the step changes this object, or depends on what it is. */
function isAbout(step: Step, { uid }: { readonly uid: string }): boolean {
  return 'account' in step ? step.account.uid === uid : step.existing?.uid === uid;
}

function strangers({ imagePullSecrets }: CachedServiceAccount): string {
  return JSON.stringify(imagePullSecrets?.filter(({ name }) => name !== SECRET_NAME));
}

describe('the plan of any namespace', () => {
  it('settles: after it is carried out, the next one has no steps', () => {
    fc.assert(
      fc.property(input, (first) => {
        let current = first;
        for (let round = 0; round <= MOST_ROUNDS; round++) {
          const { steps } = planIn(current);
          if (steps.length === 0) return true;
          current = { ...current, observed: afterSteps(current.observed, steps, current) };
        }
        return false;
      }),
      RUNS,
    );
  });

  it('has at most one step on the Secret and on each ServiceAccount, and none on a Secret that is not ours', () => {
    always(({ steps }, { observed: namespace, settings: configured }) => {
      const onSecret = steps.filter((step) => !('account' in step));
      const touched = onSecret.map(existingOf).filter((existing) => existing !== undefined);
      const accounts = steps.flatMap((step) => ('account' in step ? step.account.uid : []));
      return (
        onSecret.length <= 1 &&
        touched.every((existing) => isOursIn(namespace, existing, configured)) &&
        accounts.length === new Set(accounts).size
      );
    });
  });

  it('writes the Secret before anything else, based on what was just observed', () => {
    always(({ steps }) => steps.findIndex(({ kind }) => kind === 'writeSecret') < 1);
  });

  it('creates no Secret if one with our name exists', () => {
    always(({ steps }, { observed: { pullSecret: present } }) =>
      steps.every((step) => step.kind !== 'writeSecret' || step.existing === present),
    );
  });

  it('writes only profiles that the namespace may use', () => {
    always(({ steps }, { observed: namespace, settings: configured }) =>
      steps.every(
        (step) =>
          step.kind !== 'writeSecret' ||
          (step.entries.some(({ verdict }) => verdict === 'renew' || verdict === 'keep') &&
            step.entries
              .filter(({ verdict }) => verdict === 'renew' || verdict === 'keepUntilRenewed')
              .every(
                ({ profile }) => eligibilityOf(profile, namespace, configured).kind === 'eligible',
              )),
      ),
    );
  });

  it('gives no registry to two profiles', () => {
    always(({ steps }) =>
      steps.every((step) => {
        if (step.kind !== 'writeSecret') return true;
        const hosts = step.entries.filter(isRenewal).flatMap(({ need }) => need.login.hosts);
        return new Set(hosts).size === hosts.length;
      }),
    );
  });

  it('settles while AWS refuses some tokens, and keeps their entries unchanged as far as it can', () => {
    fc.assert(
      fc.property(input, fc.uniqueArray(profileName), (first, refused) => {
        const isMinted = ({ profile }: TokenNeed): boolean =>
          refused.every((name) => name !== profile);
        let current = first;
        for (let round = 0; round <= MOST_ROUNDS; round++) {
          const { observed: before, now } = current;
          const { steps } = planIn(current);
          const after = afterSteps(before, steps, { ...current, isMinted });
          if (isSameSecret(before, after) && steps.every(({ kind }) => kind === 'writeSecret')) {
            return true;
          }
          if (steps.some(({ kind }) => kind === 'writeSecret') && after !== before) {
            assertCarried(before, after, { now, refused, current });
          }
          current = { ...current, observed: after };
        }
        return false;
      }),
      RUNS,
    );
  });

  it('never empties a Secret, however few tokens AWS provides', () => {
    fc.assert(
      fc.property(input, (first) => {
        let current = first;
        for (let round = 0; round <= MOST_ROUNDS; round++) {
          const { steps } = planIn(current);
          const isMinted = (): boolean => false;
          const after = afterSteps(current.observed, steps, { ...current, isMinted });
          const isEmptied =
            steps.some(({ kind }) => kind === 'writeSecret') &&
            after.pullSecret?.tokens?.length === 0 &&
            current.observed.pullSecret?.tokens?.length !== 0;
          if (isEmptied) return false;
          current = { ...current, observed: after };
        }
        return true;
      }),
      RUNS,
    );
  });

  it('attaches only if the namespace is opted in', () => {
    always(
      ({ steps }, { observed: namespace, settings: configured }) =>
        decideOptIn(namespace, configured).kind === 'in' ||
        steps.every(({ kind }) => kind !== 'attach'),
    );
  });

  it('keeps other references of ServiceAccounts, in their order', () => {
    fc.assert(
      fc.property(input, (first) => {
        let current = first;
        for (let round = 0; round < MOST_ROUNDS; round++) {
          const { steps } = planIn(current);
          if (steps.length === 0) break;
          current = { ...current, observed: afterSteps(current.observed, steps, current) };
        }
        return current.observed.serviceAccounts.every((changed, index) => {
          const before = first.observed.serviceAccounts[index];
          return before !== undefined && strangers(before) === strangers(changed);
        });
      }),
      RUNS,
    );
  });

  it('removes only what was opted out or withdrawn, never because something is missing or unreadable', () => {
    always((plan, { observed: namespace, settings: configured }) => {
      if (!removes(plan.steps) && !plan.steps.some(isStamp)) return true;
      const optIn = decideOptIn(namespace, configured);
      if (optIn.kind === 'out' || optIn.kind === 'excluded') return true;
      const records = namespace.pullSecret?.tokens ?? [];
      return (
        optIn.kind === 'in' &&
        records.some(
          ({ profile }) => eligibilityOf(profile, namespace, configured).kind === 'denied',
        )
      );
    });
  });

  it('leaves alone what is too large to be read', () => {
    always((plan, { observed: namespace, settings: configured }) => {
      // Its name is enough to exclude it.
      if (decideOptIn(namespace, configured).kind === 'excluded') return true;
      const { serviceAccounts, pullSecret: secret } = namespace;
      const accounts = serviceAccounts.filter(({ tooLarge }) => tooLarge === true);
      if (secret?.tooLarge === true && plan.steps.length > 0) return false;
      const isRemoval = plan.steps.some(
        (step) => 'account' in step || step.kind === 'deleteSecret',
      );
      if (namespace.tooLarge === true && (isRemoval || removes(plan.steps))) return false;
      return !plan.steps.some((step) => accounts.some((each) => isAbout(step, each)));
    });
  });

  it('removes only with our Apply entry, after a time that was stamped or seen has come, and detached', () => {
    always((plan, { observed: namespace, settings: configured, now, removalSeen, isContested }) => {
      if (!removes(plan.steps)) return true;
      const dueAt = dueOfAll([parseRemovalDue(namespace.pullSecret?.removalDueAt), removalSeen]);
      const isDue = dueAt !== undefined && dueAt <= now;
      const isAttached = namespace.serviceAccounts.some(
        ({ uid, references, tooLarge }) => references > 0 && tooLarge !== true && !isContested(uid),
      );
      const deletes = plan.steps.some(({ kind }) => kind === 'deleteSecret');
      return (
        namespace.pullSecret?.appliedByUs === true &&
        isDue &&
        (!deletes || !isAttached || configured.attach === 'none')
      );
    });
  });

  it('never grants more time than was stamped or seen', () => {
    always(({ removalSeen: seen }, { removalSeen }) => {
      if (seen === undefined || removalSeen === undefined) return true;
      const isEarlyEnough = (at: Date | undefined, before: Date | undefined): boolean =>
        before === undefined || (at !== undefined && at <= before);
      if (seen.kind === 'whole') {
        return removalSeen.kind === 'profiles' || isEarlyEnough(seen.at, removalSeen.at);
      }
      return [...seen.at].every(([name, at]) =>
        isEarlyEnough(at, dueOfProfile(name, [removalSeen])),
      );
    });
  });

  it('renews only what would end before its removal where the namespace is not opted in', () => {
    always((plan, { observed: namespace, settings: configured, isBraked, now }) => {
      const graceMs = configured.removal.gracePeriodMs;
      const dueAt = dueOfAll([plan.removalSeen, { kind: 'whole', at: after(now, graceMs) }]);
      if (decideOptIn(namespace, configured).kind !== 'out' || dueAt === undefined) return true;
      // Then nobody knows when its removal can come.
      if (isBraked && dueAt <= now) return true;
      const records = namespace.pullSecret?.tokens ?? [];
      return plan.steps.every(
        (step) =>
          step.kind !== 'writeSecret' ||
          step.entries
            .filter(isRenewal)
            .every(({ profile, record }) =>
              records.some(
                (each) =>
                  each.profile === profile &&
                  each.expiresAt <= after(dueAt, 1) &&
                  (record === undefined || each === record),
              ),
            ),
      );
    });
  });

  it('removes nothing while the brake is engaged, and only what the brake has counted', () => {
    always((plan, { observed: namespace, settings: configured, now, isBraked, removalSeen }) => {
      if (!removes(plan.steps)) return true;
      if (isBraked || namespace.pullSecret === undefined) return false;
      const share = shareOf(namespace, namespace.pullSecret, configured);
      return isPending(share, removalSeen, configured, now);
    });
  });

  it('removes a reference with our name only if our Secret exists', () => {
    always(
      ({ steps }, { observed: namespace, settings: configured }) =>
        steps.every(({ kind }) => kind !== 'detach') ||
        (namespace.pullSecret !== undefined &&
          isOursIn(namespace, namespace.pullSecret, configured)),
    );
  });

  it('does nothing to what is terminating', () => {
    always(
      ({ steps }, { observed: namespace }) =>
        steps.length === 0 ||
        !(namespace.terminating || namespace.pullSecret?.terminating === true),
    );
  });

  it('emits only printable text, however hostile the annotations', () => {
    always(({ conditions }) =>
      conditions.every(({ message }) => message.length < 1_024 && /^[ -~…]*$/.test(message)),
    );
  });

  it('requeues for later, never for the past', () => {
    always(
      ({ requeueAt, steps }, { now }) =>
        requeueAt === undefined || requeueAt > now || steps.length > 0,
    );
  });
});

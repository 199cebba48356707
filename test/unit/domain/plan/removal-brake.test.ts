import { describe, expect, it } from '@jest/globals';
import type { CachedNamespace, CachedPullSecret } from '../../../../src/domain/state/observed.ts';
import {
  type BrakeState,
  brakeStateOf,
  isPending,
  shareOf,
} from '../../../../src/domain/plan/removal-brake.ts';
import type { RemovalDue } from '../../../../src/domain/state/removal-due.ts';
import type { Settings } from '../../../../src/domain/settings.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  NOW,
  aFaultyProfile,
  aForeignSecret,
  aMatcher,
  aNamespace,
  aProfile,
  aPullSecret,
  aRestoredSecret,
  aTokenRecord,
  annotationsOf,
  inMs,
  someSettings,
} from '../../../support/values/builders.ts';

interface Pair {
  readonly namespace: CachedNamespace;
  readonly pullSecret: CachedPullSecret;
}

const settled: Pair = { namespace: aNamespace(), pullSecret: aPullSecret() };
const optedOut: Pair = {
  namespace: aNamespace({ annotations: annotationsOf({ enabled: 'false' }) }),
  pullSecret: aPullSecret(),
};

function some(count: number, pair: Pair): readonly Pair[] {
  const { request } = pair.namespace;
  return Array.from({ length: count }, (_, n) => {
    const name = `team-${n}-${JSON.stringify(request)}-${pair.pullSecret.removalDueAt ?? ''}`;
    return { ...pair, namespace: { ...pair.namespace, name } };
  });
}

function stamped(pair: Pair, delayMs: number): Pair {
  const removalDueAt = inMs(delayMs).toISOString();
  return { ...pair, pullSecret: { ...pair.pullSecret, removalDueAt } };
}

function stampedFor(pair: Pair, profile: string, delayMs: number): Pair {
  const removalDueAt = `${profile}=${inMs(delayMs).toISOString()}`;
  return { ...pair, pullSecret: { ...pair.pullSecret, removalDueAt } };
}

function assess(
  pairs: readonly Pair[],
  settings: Settings = someSettings(),
  seen?: RemovalDue,
): BrakeState {
  const shares = pairs.map(({ namespace, pullSecret }) => shareOf(namespace, pullSecret, settings));
  const managed = shares.filter(({ isManaged }) => isManaged).length;
  const pending = shares.filter((share) => isPending(share, seen, settings, NOW)).length;
  return brakeStateOf({ managed, pending }, settings);
}

const limitedTo = (brake: Settings['removal']['brake'], gracePeriodMs = 10 * MINUTE_MS) =>
  someSettings({ removal: { gracePeriodMs, brake } });

describe('the brake on removals', () => {
  it('allows five removals whatever the percentage, and stops at the sixth', () => {
    expect(assess([...some(5, optedOut), ...some(10, settled)]).engaged).toBe(false);
    expect(assess([...some(6, optedOut), ...some(10, settled)]).engaged).toBe(true);
  });

  it('allows the percentage of the managed ones if that is more', () => {
    expect(assess([...some(50, optedOut), ...some(950, settled)])).toEqual({
      managed: 1_000,
      pending: 50,
      limit: 50,
      engaged: false,
    });
    expect(assess([...some(51, optedOut), ...some(949, settled)]).engaged).toBe(true);
  });

  it('treats a plain number as the limit for both', () => {
    const two = limitedTo({ kind: 'count', count: 2 });

    expect(assess(some(2, optedOut), two).engaged).toBe(false);
    expect(assess(some(3, optedOut), two).engaged).toBe(true);
    expect(assess(some(1, optedOut), limitedTo({ kind: 'count', count: 0 })).engaged).toBe(true);
  });

  const denied = aProfile('team-b', { allowedNamespaces: aMatcher({ names: ['team-b'] }) });
  const withDenied = someSettings({ profiles: [aProfile(), denied, aFaultyProfile('broken')] });
  const holding = (profile: string, listed = profile): Pair => ({
    namespace: aNamespace({ annotations: annotationsOf({ enabled: 'true', profiles: listed }) }),
    pullSecret: aPullSecret({ tokens: [aTokenRecord({ profile })] }),
  });
  const longGrace = limitedTo({ kind: 'fraction', fraction: 0.05 }, 24 * HOUR_MS);
  const rows: readonly (readonly [string, Pair, number, Settings?])[] = [
    ['an opted-in one', settled, 0],
    ['an opted-in one with a stale stamp', stamped(settled, -1), 0],
    ['an opted-out one without a stamp', optedOut, 1],
    ['an opted-out one that is overdue', stamped(optedOut, -HOUR_MS), 1],
    ['one that is due in ten minutes', stamped(optedOut, 10 * MINUTE_MS), 1, longGrace],
    ['one that is due later', stamped(optedOut, 10 * MINUTE_MS + 1), 0, longGrace],
    ['one with a stamp later than the grace period allows', stamped(optedOut, HOUR_MS), 1],
    [
      'a frozen one',
      { ...optedOut, namespace: aNamespace({ annotations: annotationsOf({ enabled: 'no' }) }) },
      0,
    ],
    [
      'a terminating one',
      { ...optedOut, namespace: { ...optedOut.namespace, terminating: true } },
      0,
    ],
    [
      'one that is already terminating, held by a finalizer',
      { ...optedOut, pullSecret: aPullSecret({ terminating: true }) },
      0,
    ],
    ['a foreign one', { ...optedOut, pullSecret: aForeignSecret() }, 0],
    [
      'one that is only labelled as ours, and so may not be deleted',
      { ...optedOut, pullSecret: aRestoredSecret() },
      0,
    ],
    ['one whose profile was withdrawn', holding('team-b'), 1, withDenied],
    ['one whose profile is absent', holding('gone'), 0, withDenied],
    ['one whose profile is faulty', holding('broken'), 0, withDenied],
    ['one that has another profile', holding('team-b', 'default'), 0, withDenied],
    [
      'one with two profiles, of which one was withdrawn',
      holding('team-b', 'default,team-b'),
      1,
      withDenied,
    ],
    [
      'one that loses a profile later',
      stampedFor(holding('team-b', 'default,team-b'), 'team-b', HOUR_MS),
      0,
      { ...withDenied, removal: longGrace.removal },
    ],
    [
      'one that loses a profile now, stamped for another one',
      stampedFor(holding('team-b', 'default,team-b'), 'default', HOUR_MS),
      1,
      { ...withDenied, removal: longGrace.removal },
    ],
    [
      'one whose namespace names a profile that it has no entry for',
      holding('default', 'default,team-b'),
      0,
      withDenied,
    ],
    [
      'one whose only entry is no longer listed and not allowed',
      holding('team-b', 'gone'),
      1,
      withDenied,
    ],
  ];
  it.each(rows.map(([what, ...row]) => ({ what, row })))(
    'counts $row.1 as pending for $what',
    ({ row: [pair, pending, settings] }) => {
      expect(assess([pair], settings).pending).toBe(pending);
    },
  );

  const seenAt = (delayMs: number): RemovalDue => ({ kind: 'whole', at: inMs(delayMs) });
  const seenFor = (profile: string, delayMs: number): RemovalDue => ({
    kind: 'profiles',
    at: new Map([[profile, inMs(delayMs)]]),
  });
  it.each<readonly [string, Pair, RemovalDue, number, Settings]>([
    ['whose stamp is gone, if it is due later', optedOut, seenAt(HOUR_MS), 0, longGrace],
    ['whose stamp is gone, if it is due soon', optedOut, seenAt(MINUTE_MS), 1, longGrace],
    ['whose stamp was moved', stamped(optedOut, 23 * HOUR_MS), seenAt(MINUTE_MS), 1, longGrace],
    [
      'whose profile is due by what was seen',
      stampedFor(holding('team-b', 'default,team-b'), 'team-b', 23 * HOUR_MS),
      seenFor('team-b', MINUTE_MS),
      1,
      { ...withDenied, removal: longGrace.removal },
    ],
  ])('goes by the earliest time that the term has seen: one %s', (_, pair, seen, pending, set) => {
    expect(assess([pair], set, seen).pending).toBe(pending);
  });

  it('counts a Secret with our labels alone as managed only where labels count', () => {
    const restored = aRestoredSecret();

    expect(assess([{ ...settled, pullSecret: restored }]).managed).toBe(1);
    expect(assess([{ ...optedOut, pullSecret: restored }]).managed).toBe(0);
  });

  it('resolves no profile for a namespace that is opted out: it scans thousands of them at once', () => {
    const lookedUp: string[] = [];
    const settings = someSettings();
    const profiles = new Map(settings.profiles);
    profiles.get = (name) => {
      lookedUp.push(name);
      return settings.profiles.get(name);
    };
    expect(assess(some(9, optedOut), { ...settings, profiles }).engaged).toBe(true);
    expect(lookedUp).toEqual([]);
  });

  it('does not count Secrets of others as managed', () => {
    const foreign = { ...settled, pullSecret: aForeignSecret() };

    expect(assess([settled, foreign]).managed).toBe(1);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { RepairDamper } from '../../../../src/controller/memory/repair-damper.ts';
import type { Step } from '../../../../src/domain/plan/plan-model.ts';
import {
  HOUR_MS,
  MINUTE_MS,
  aNamespace,
  aPullSecret,
  aServiceAccount,
  inMs,
} from '../../../support/values/builders.ts';
import { retainedBytes } from '../../../support/suite/retained-bytes.ts';

const attach = (name: string): Step => ({
  kind: 'attach',
  reason: 'notAttached',
  account: aServiceAccount(name),
});
const write = (reason: Extract<Step, { kind: 'writeSecret' }>['reason']): Step => ({
  kind: 'writeSecret',
  reason,
  entries: [],
  configHash: 'of these profiles',
  refreshRequestedAt: undefined,
  existing: aPullSecret(),
});
const stripped: Step = {
  kind: 'annotateSecret',
  reason: 'labelsStripped',
  existing: aPullSecret(),
  removalDueAt: undefined,
};
const removed: Step = { kind: 'deleteSecret', reason: 'optedOut', existing: aPullSecret() };

const namespace = aNamespace({ serviceAccounts: [aServiceAccount('default')] });

let damper: RepairDamper;

beforeEach(() => {
  damper = new RepairDamper();
});

/** Carries the step out at `delayMs` if allowed; returns whether it was. */
function tryAt(delayMs: number, step: Step, namespace = 'team-a'): boolean {
  const { admitted } = damper.admit(namespace, [step], inMs(delayMs));
  if (admitted.length > 0) damper.record(namespace, step, inMs(delayMs));
  return admitted.length > 0;
}

/** How many of the attempts are allowed, one each second. */
function allowedTries(seconds: number, step: Step, fromMs = 0): readonly number[] {
  return Array.from({ length: seconds }, (_, second) => second).filter((second) =>
    tryAt(fromMs + second * 1_000, step),
  );
}

describe('the damper', () => {
  it('allows a write and three repairs at once, then one a minute', () => {
    expect(allowedTries(250, attach('default'))).toEqual([0, 1, 2, 3, 63, 123, 183, 243]);
  });

  it('knows whether changes to a ServiceAccount are deferred', () => {
    const { uid } = aServiceAccount('default');
    const isContested = (delayMs: number) => damper.isContested('team-a', uid, inMs(delayMs));
    allowedTries(3, attach('default'));
    expect(isContested(3_000)).toBe(false);

    allowedTries(1, attach('default'), 3_000);
    expect([isContested(4_000), isContested(63_000)]).toEqual([true, false]);
    expect(damper.isContested('team-b', uid, inMs(4_000))).toBe(false);
  });

  it('says when the deferred steps may continue', () => {
    allowedTries(10, attach('default'));

    const { admitted, deferred, deferredUntil } = damper.admit(
      'team-a',
      [attach('default'), attach('other')],
      inMs(10_000),
    );

    expect(admitted).toEqual([attach('other')]);
    expect(deferred).toEqual([attach('default')]);
    expect(deferredUntil).toEqual(inMs(3_000 + MINUTE_MS));
  });

  it('recovers after five quiet minutes', () => {
    allowedTries(10, attach('default'));

    expect(allowedTries(4, attach('default'), 6 * MINUTE_MS)).toEqual([0, 1, 2, 3]);
  });

  it('does not count what failed', () => {
    for (let n = 0; n < 10; n++) {
      expect(damper.admit('team-a', [attach('default')], inMs(n)).deferred).toEqual([]);
    }
  });

  it('keeps objects and namespaces apart', () => {
    allowedTries(10, attach('default'));
    allowedTries(10, stripped);

    expect(tryAt(10_000, attach('other'))).toBe(true);
    expect(tryAt(10_000, write('tampered'))).toBe(true);
    expect(tryAt(10_000, attach('default'), 'team-b')).toBe(true);
    expect(tryAt(10_000, attach('default'))).toBe(false);
    expect(tryAt(10_000, stripped)).toBe(false);
  });

  it.each(['due', 'refreshRequested'] as const)(
    'never defers what is not a repair: %s',
    (reason) => {
      allowedTries(10, write('tampered'));

      expect(allowedTries(10, write(reason), 10_000)).toHaveLength(10);
    },
  );

  it.each(['restored', 'tampered'] as const)('defers steps in a war of %s', (reason) => {
    expect(allowedTries(30, write(reason))).toHaveLength(3);
  });

  it('does not count what may be the first write of something new', () => {
    expect(allowedTries(30, write('missing'))).toHaveLength(4);
  });

  it('defers steps in a war of two configurations, but no repair for it', () => {
    expect(allowedTries(60, write('profilesChanged'))).toEqual([0, 1, 2, 3]);
    // One of the two may call it a withdrawal.
    expect(tryAt(60_000, write('profileWithdrawn'))).toBe(false);
    expect(tryAt(60_000, write('tampered'))).toBe(true);
  });

  it('never defers a removal', () => {
    expect(allowedTries(10, removed)).toHaveLength(10);
  });

  it('is not confused by a clock that goes back', () => {
    allowedTries(10, attach('default'));

    expect(tryAt(-HOUR_MS, attach('default'))).toBe(true);
  });

  it('forgets a namespace that is gone, and what is too old to count', () => {
    allowedTries(10, attach('default'));
    damper.forget('team-a');
    expect(tryAt(10_000, attach('default'))).toBe(true);

    allowedTries(10, attach('default'));
    damper.prune('team-a', namespace, inMs(9_000));
    expect(tryAt(10_000, attach('default'))).toBe(false);
    damper.prune('team-a', namespace, inMs(HOUR_MS));
    expect([...damper.namespaces()]).toEqual([]);
    expect(tryAt(HOUR_MS, attach('default'))).toBe(true);
  });

  it('forgets ServiceAccounts that are gone, and nothing else', () => {
    allowedTries(10, attach('default'));
    allowedTries(10, attach('gone'));
    allowedTries(10, write('tampered'));
    allowedTries(10, write('profilesChanged'));
    allowedTries(10, stripped);

    damper.prune('team-a', namespace, inMs(9_000));

    for (const step of [attach('default'), write('tampered'), write('profilesChanged'), stripped]) {
      expect(tryAt(10_000, step)).toBe(false);
    }
    expect(tryAt(10_000, attach('gone'))).toBe(true);
  });

  it('keeps little of ServiceAccounts that are created and deleted as fast as we attach', () => {
    const steps = Array.from({ length: 3_000 }, (_, n) => attach(`account-${n}`));

    const kept = retainedBytes(() => {
      for (const step of steps) damper.record('team-a', step, inMs(0));
      return damper;
    });
    damper.prune('team-a', namespace, inMs(15_000));

    expect(kept).toBeLessThan(steps.length * 600);
    expect([...damper.namespaces()]).toEqual([]);
  });
});

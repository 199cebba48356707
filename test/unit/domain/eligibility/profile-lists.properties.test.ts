/** Any list of profiles that a tenant may write. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { planNamespace } from '../../../../src/domain/plan/plan.ts';
import {
  NOW,
  SECRET_NAME,
  aFaultyProfile,
  aMatcher,
  aNamespace,
  aProfile,
  annotationsOf,
  someSettings,
} from '../../../support/values/builders.ts';
import { profileLists } from '../../../support/values/profile-lists.ts';

/** What this namespace may use, and what it may not. */
const MINE = ['default', 'mine'];
const foreign = { allowedNamespaces: aMatcher({ names: ['their-*'] }) };
/** With the names that `profileLists` has. */
const settings = someSettings({
  profiles: [
    ...MINE.map((name) => aProfile(name)),
    aProfile('theirs', foreign),
    aProfile('constructor', foreign),
    aFaultyProfile('broken'),
  ],
});
describe('10,000 lists of profiles', () => {
  it('give no profile that the namespace may not use, and break no plan', () => {
    let allowed = 0;
    fc.assert(
      fc.property(profileLists, (profiles) => {
        const annotations = annotationsOf({ enabled: 'true', profiles });
        const { steps } = planNamespace({
          observed: aNamespace({ annotations }),
          settings,
          secretName: SECRET_NAME,
          now: NOW,
          refreshRequestSeenAt: undefined,
          removalSeen: undefined,
          isContested: () => false,
          bookkeepingAllowed: true,
        });
        const isTooLong = profiles.length > 16 * 1024;
        const named = isTooLong ? [] : profiles.split(',').map((one) => one.trim());
        for (const step of steps) {
          if (step.kind !== 'writeSecret') continue;
          for (const { profile } of step.entries) {
            expect(named).toContain(profile);
            expect(MINE).toContain(profile);
            allowed += 1;
          }
        }
      }),
      { numRuns: 10_000 },
    );

    // Otherwise nothing has been tried.
    expect(allowed).toBeGreaterThan(100);
  });
});

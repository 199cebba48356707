/** Many profiles, identities and namespaces at once; and whatever a tenant may write on a namespace. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { identityHash } from '../../../src/domain/hashes.ts';
import type { Profile } from '../../../src/domain/settings.ts';
import {
  HOUR_MS,
  aFaultyProfile,
  aMatcher,
  aNamespace,
  aProfile,
  anIdentity,
  annotationsOf,
  hostOf,
  someSettings,
} from '../../support/builders.ts';
import { ControllerRig } from '../../support/controller-rig.ts';

const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'ap-south-1'];
const ACCOUNTS = 5;

/** With registries of its own, by the role of one of five accounts, in every region. */
function aWideProfile(_: unknown, n: number): Profile {
  const name = `p${n}`;
  const grants = REGIONS.map((region) => {
    const hash = identityHash({ source: 'auto', assumeRole: `role-${n % ACCOUNTS}`, region });
    const host = `${String(n).padStart(12, '0')}.dkr.ecr.${region}.amazonaws.com`;
    return { identity: anIdentity(name, { region, hash }), hosts: [host] };
  });
  return aProfile(name, { grants });
}

describe('20 profiles over 5 accounts and 4 regions for 1,000 namespaces', () => {
  it('cost one mint for each of the 20 identities, also when all are refreshed', async () => {
    const rig = new ControllerRig();
    const profiles = Array.from({ length: 20 }, aWideProfile);
    rig.settings = someSettings({ profiles });
    const names = Array.from({ length: 1_000 }, (_, n) => `team-${n}`);
    for (const [n, name] of names.entries()) {
      const wanted = [0, 1, 7].map((step) => `p${(n + step) % 20}`).join();
      const annotations = annotationsOf({ enabled: 'true', profiles: wanted });
      rig.cluster.put(aNamespace({ name, annotations, serviceAccounts: [] }));
    }
    rig.controller.start();
    await rig.clock.advance(2_000);

    expect(rig.cluster.dockerConfigs.size).toBe(1_000);
    expect(rig.minter.calls).toHaveLength(20);
    expect(new Set(rig.minter.calls.map(({ identity }) => identity)).size).toBe(20);
    expect(rig.newWrites()).toHaveLength(1_000);

    await rig.clock.advance(8 * HOUR_MS);
    expect(rig.minter.calls).toHaveLength(40);
    expect(rig.newWrites()).toHaveLength(1_000);
    await rig.controller.stop(0);
  });
});

/** What this namespace may use, and what it may not. */
const mine = [aProfile(), aProfile('mine')];
const settings = someSettings({
  profiles: [
    ...mine,
    aProfile('theirs', { allowedNamespaces: aMatcher({ names: ['their-*'] }) }),
    aProfile('constructor', { allowedNamespaces: aMatcher({ names: ['their-*'] }) }),
    aFaultyProfile('broken'),
  ],
});
const item = fc.oneof(
  fc.constantFrom('default', 'mine', 'theirs', 'broken', 'unknown', 'constructor', 'tostring'),
  fc.constantFrom('__proto__', 'hasOwnProperty', 'mіne', 'theirs\u200b', 'THEIRS', 'ｔheirs', ''),
  fc.constantFrom('*', 'arn:aws:iam::123456789012:role/x', '../theirs', 'mine=theirs', '{}', '[]'),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '-', 'm', '9'), maxLength: 70 }),
);
const value = fc.oneof(
  { weight: 60, arbitrary: fc.array(item, { maxLength: 8 }).map((items) => items.join()) },
  { weight: 30, arbitrary: fc.array(item, { maxLength: 4 }).map((items) => items.join(' , ')) },
  { weight: 10, arbitrary: fc.string({ unit: 'binary' }) },
  // The most that annotations may have.
  { weight: 1, arbitrary: item.map((each) => `${each},`.repeat(256 * 1024).slice(0, 256 * 1024)) },
  { weight: 1, arbitrary: fc.constant('theirs,'.repeat(2_000).slice(0, -1)) },
);

describe('10,000 annotations of a tenant', () => {
  it('give no profile that the namespace may not use, and end no pass', async () => {
    const rig = new ControllerRig();
    rig.settings = settings;
    const allowed = new Map(mine.map(({ name }) => [hostOf(name), name]));
    let granted = 0;
    await fc.assert(
      fc.asyncProperty(value, async (profiles) => {
        rig.cluster.put(aNamespace({ annotations: annotationsOf({ enabled: 'true', profiles }) }));
        rig.cluster.dockerConfigs.clear();
        await rig.look();

        const text = rig.cluster.dockerConfigs.get('team-a') ?? '{"auths":{}}';
        const { auths } = JSON.parse(text) as { readonly auths: object };
        const named =
          profiles.length > 16 * 1024 ? [] : profiles.split(',').map((one) => one.trim());
        for (const host of Object.keys(auths)) {
          expect(named).toContain(allowed.get(host));
          granted += 1;
        }
        rig.cluster.delete('team-a');
        rig.cluster.events.length = 0;
        rig.context.damper.forget('team-a');
      }),
      { numRuns: 10_000 },
    );

    // Else nothing has been tried.
    expect(granted).toBeGreaterThan(100);
    expect(rig.log.messages('error')).toEqual([]);
    const minted = new Set(rig.minter.calls.map(({ identity }) => identity));
    expect([...minted].sort()).toEqual(mine.map(({ name }) => anIdentity(name).hash).sort());
  });
});

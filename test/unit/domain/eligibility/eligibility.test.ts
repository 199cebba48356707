import { describe, expect, it } from '@jest/globals';
import { listProfiles, nameOf } from '../../../../src/domain/eligibility/eligibility.ts';
import type { Profile } from '../../../../src/domain/settings.ts';
import {
  aFaultyProfile,
  aMatcher,
  aProfile,
  anIdentity,
  hostOf,
  someSettings,
} from '../../../support/values/builders.ts';

const namespace = { name: 'team-a', labels: {} };

function listing(name: string, hosts: readonly string[], change: Partial<Profile> = {}): Profile {
  return aProfile(name, { logins: [{ identity: anIdentity(name), hosts }], ...change });
}

function hosts(count: number, of: string): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${n}.${of}`);
}

const elsewhere = { allowedNamespaces: aMatcher({ names: ['other'] }) };
const settings = someSettings({
  profiles: [
    aProfile('a'),
    aProfile('b'),
    listing('both', [hostOf('a'), hostOf('b')]),
    listing('rival', ['x', hostOf('a')]),
    listing('denied', [hostOf('a')], elsewhere),
    aFaultyProfile('broken'),
    listing('half', hosts(64, 'half')),
    listing('other-half', hosts(63, 'other')),
    listing('drop', hosts(1, 'drop')),
    listing('own', []),
  ],
});

function describeProfiles(...listed: readonly string[]): readonly string[] {
  return listProfiles(listed, namespace, settings).map(
    (access) => `${nameOf(access)} ${access.kind}`,
  );
}

describe('the profiles that share a Secret', () => {
  it.each([
    { listed: ['a', 'b'], means: ['a eligible', 'b eligible'] },
    {
      listed: ['gone', 'broken', 'denied', 'a'],
      means: ['gone absent', 'broken faulty', 'denied denied', 'a eligible'],
    },
    { listed: ['constructor', '__proto__'], means: ['constructor absent', '__proto__ absent'] },
    // The profile that is named first keeps the registry, and the other one has no other registry.
    { listed: ['a', 'rival'], means: ['a eligible', 'rival conflicting'] },
    { listed: ['rival', 'a', 'b'], means: ['rival eligible', 'a conflicting', 'b eligible'] },
    { listed: ['both', 'a', 'b'], means: ['both eligible', 'a conflicting', 'b conflicting'] },
    // A profile that is not used blocks no registry.
    { listed: ['denied', 'a'], means: ['denied denied', 'a eligible'] },
    { listed: ['a', 'both', 'b'], means: ['a eligible', 'both conflicting', 'b eligible'] },
    { listed: ['half', 'other-half'], means: ['half eligible', 'other-half eligible'] },
    {
      listed: ['half', 'other-half', 'drop', 'own'],
      means: ['half eligible', 'other-half eligible', 'drop tooLarge', 'own eligible'],
    },
    {
      listed: ['drop', 'half', 'other-half', 'a'],
      means: ['drop eligible', 'half eligible', 'other-half tooLarge', 'a eligible'],
    },
    { listed: [], means: [] },
  ])('$listed: $means', ({ listed, means }) => {
    expect(describeProfiles(...listed)).toEqual(means);
  });

  it('name the conflict, and its size', () => {
    expect(listProfiles(['b', 'both'], namespace, settings)[1]).toEqual({
      kind: 'conflicting',
      name: 'both',
      first: 'b',
      host: hostOf('b'),
    });
    expect(listProfiles(['half', 'other-half', 'drop'], namespace, settings)[2]).toMatchObject({
      hosts: 128,
    });
  });

  it('are decided quickly, however many are named', () => {
    const listed = Array.from({ length: 8_000 }, (_, n) => `p${n}`);

    expect(listProfiles(listed, namespace, settings)).toHaveLength(8_000);
  });
});

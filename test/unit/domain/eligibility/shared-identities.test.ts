import { describe, expect, it } from '@jest/globals';
import { findSharedIdentities } from '../../../../src/domain/eligibility/shared-identities.ts';
import { HOST, parseOk } from '../../../support/values/config-text.ts';

const OTHER_HOST = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const US_HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const ALL = 'allowedNamespaces: {names: ["*"]}';
const TEAM = 'allowedNamespaces: {selector: {matchLabels: {team: payments}}}';
const ROLE = 'arn:aws:iam::210987654321:role/pull';
const assume = (more = '') => `assumeRole: {roleArn: "${ROLE}"${more}}`;

/** The names of the profiles that share an identity, and its region. */
function sharedIn(a: string, b: string): readonly string[] {
  const { settings } = parseOk(`profiles:\n  a: {${a}}\n  b: {${b}}\n`);
  return findSharedIdentities(settings.profiles).map(({ region, profiles }) =>
    [...profiles, region].join(' '),
  );
}

describe('findSharedIdentities', () => {
  it.each([
    ['the same source', `registries: [${HOST}], ${ALL}`, `registries: [${OTHER_HOST}], ${TEAM}`],
    [
      'the same role',
      `registries: [${HOST}], ${ALL}, ${assume()}`,
      `registries: [${OTHER_HOST}], ${TEAM}, ${assume()}`,
    ],
    [
      'the same role under another external id and session name',
      `registries: [${HOST}], ${ALL}, ${assume(', externalId: one')}`,
      `registries: [${OTHER_HOST}], ${TEAM}, ${assume(', externalId: two, sessionName: two')}`,
    ],
    [
      'the same role from another source',
      `registries: [${HOST}], ${ALL}, ${assume()}`,
      `registries: [${OTHER_HOST}], ${TEAM}, credentials: {source: webIdentity, roleArn: "${ROLE}", tokenFile: /t}`,
    ],
  ])('finds two profiles with %s and different allowedNamespaces', (_, a, b) => {
    expect(sharedIn(a, b)).toEqual(['a b eu-west-1']);
  });

  it.each([
    [
      'the same allowedNamespaces',
      `registries: [${HOST}], ${TEAM}`,
      `registries: [${OTHER_HOST}], ${TEAM}`,
    ],
    [
      'a role of its own',
      `registries: [${HOST}], ${ALL}`,
      `registries: [${OTHER_HOST}], ${TEAM}, ${assume()}`,
    ],
    [
      'a session tag of its own',
      `registries: [${HOST}], ${ALL}, ${assume(', sessionTags: {profile: true}')}`,
      `registries: [${OTHER_HOST}], ${TEAM}, ${assume(', sessionTags: {profile: true}')}`,
    ],
    ['another region', `registries: [${HOST}], ${ALL}`, `registries: [${US_HOST}], ${TEAM}`],
    [
      'ECR Public only',
      `registries: [public.ecr.aws], ${ALL}`,
      `registries: [public.ecr.aws], ${TEAM}`,
    ],
    ['a fault', `registries: [${HOST}], ${ALL}`, `registries: [docker.io], ${TEAM}`],
  ])('accepts profiles with %s', (_, a, b) => {
    expect(sharedIn(a, b)).toEqual([]);
  });

  it('takes the profile default without allowedNamespaces for one that all may use', () => {
    const parsed = (allowed: string) =>
      parseOk(
        `profiles: {default: {registries: [${HOST}]}, b: {registries: [${HOST}], ${allowed}}}`,
      ).settings.profiles;

    expect(findSharedIdentities(parsed(ALL))).toEqual([]);
    expect(findSharedIdentities(parsed(TEAM))).toEqual([
      { region: 'eu-west-1', profiles: ['default', 'b'] },
    ]);
  });
});

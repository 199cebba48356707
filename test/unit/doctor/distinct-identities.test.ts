import { describe, expect, it } from '@jest/globals';
import {
  describeSource,
  describeUse,
  distinctIdentities,
} from '../../../src/doctor/distinct-identities.ts';
import { HOST, parseOk } from '../../support/values/config-text.ts';

const OTHER = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
const FAR = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const ALL_NAMESPACES = 'allowedNamespaces: {names: ["*"]}';
const ROLE = 'arn:aws:iam::210987654321:role/pull';

const used = (text: string) => distinctIdentities(parseOk(text).settings.profiles);

describe('distinctIdentities', () => {
  it('lists each identity once, with all profiles that share it and their registries', () => {
    const found = used(`profiles:
      default: {registries: [${HOST}, ${FAR}]}
      shared: {registries: [${HOST}, ${OTHER}], ${ALL_NAMESPACES}}
      role: {registries: [${OTHER}], assumeRole: {roleArn: "${ROLE}", externalId: hush}, ${ALL_NAMESPACES}}
      broken: {registries: [docker.io], ${ALL_NAMESPACES}}`);

    expect(found.map(describeUse)).toEqual([
      'default, shared (eu-west-1)',
      'default (us-east-1)',
      'role (eu-west-1)',
    ]);
    expect(found.map(({ hosts }) => hosts)).toEqual([[HOST, OTHER], [FAR], [OTHER]]);
    expect(found.map(({ identity }) => describeSource(identity))).toEqual([
      'default chain (auto)',
      'default chain (auto)',
      `default chain (auto), then ${ROLE}`,
    ]);
    expect(JSON.stringify(found.map(({ identity }) => describeSource(identity)))).not.toContain(
      'hush',
    );
  });

  it('knows the implied profile, which needs the registry that the answer names', () => {
    expect(used('{}')).toMatchObject([{ profiles: ['default'], hosts: [], wantsOwn: true }]);
  });

  it('names the role of an explicit web identity', () => {
    const credentials = `{source: webIdentity, roleArn: "${ROLE}", tokenFile: /var/run/token}`;
    const [one] = used(`profiles: {default: {registries: [${HOST}], credentials: ${credentials}}}`);
    expect(one === undefined ? '' : describeSource(one.identity)).toBe(`webIdentity as ${ROLE}`);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Profile, Settings } from '../../../src/domain/settings.ts';
import { anIdentity } from '../../support/values/builders.ts';
import { faultsOf, HOST, parseOk } from '../../support/values/config-text.ts';

const ROLE = 'arn:aws:iam::210987654321:role/pull';
const ALL = 'allowedNamespaces: {names: ["*"]}';

describe('profiles', () => {
  it('are disabled one by one: the others keep working', () => {
    const { settings, profileFaults } = parseOk(`
profiles:
  good: {registries: [${HOST}], ${ALL}}
  bad: {registries: [evil.io], ${ALL}}
`);

    expect(settings.profiles.get('good')?.kind).toBe('healthy');
    expect(settings.profiles.get('bad')).toEqual({
      kind: 'faulty',
      name: 'bad',
      fault:
        'profiles.bad.registries[0]: "evil.io": not an ECR registry host such as <account>.dkr.ecr.<region>.amazonaws.com',
    });
    expect(profileFaults.map(({ path }) => path)).toEqual(['profiles.bad.registries[0]']);
  });

  it('need no allowedNamespaces only if they are named default', () => {
    const { settings } = parseOk(
      `profiles: {default: {registries: [${HOST}]}, a: {registries: [${HOST}]}}`,
    );

    expect(settings.profiles.get('default')?.kind).toBe('healthy');
    expect(settings.profiles.get('a')).toMatchObject({
      kind: 'faulty',
      fault: expect.stringContaining('profiles.a.allowedNamespaces: is missing'),
    });
  });

  it.each([
    [
      `{registries: [${HOST}], allowedNamespaces: {}}`,
      'allowedNamespaces: is empty: for all namespaces, set names: ["*"]',
    ],
    [
      `{registries: [${HOST}], allowedNamespaces: {selector: {}}}`,
      'allowedNamespaces.selector: is empty',
    ],
    [`{registries: [${HOST}], allowedNamespaces: }`, 'allowedNamespaces: is empty: set a mapping'],
    [`{registries: [], ${ALL}}`, 'registries: must have at least one item'],
    [`{${ALL}}`, 'registries: is missing'],
    [`{registries: [${HOST}, ${HOST}], ${ALL}}`, `registries[1]: "${HOST}": is listed twice`],
    [
      `{registries: [${HOST}, 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn], ${ALL}}`,
      'registries[1]: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn": is in partition aws-cn',
    ],
    [`{registries: ["AWS:secret@${HOST}"], ${ALL}}`, 'registries[0]: must be only a host'],
    [
      `{registries: [${HOST}], credentials: {source: auto, tokenFile: /t}, ${ALL}}`,
      'credentials.tokenFile: is allowed only with source: webIdentity',
    ],
    [
      `{registries: [${HOST}], credentials: {source: webIdentity, roleArn: "${ROLE}"}, ${ALL}}`,
      'credentials.tokenFile: is missing',
    ],
    [
      `{registries: [${HOST}], credentials: {source: webIdentity, tokenFile: /t}, ${ALL}}`,
      'credentials.roleArn: is missing',
    ],
    [
      `{registries: [${HOST}], credentials: {source: webIdentity, sessionName: me}, ${ALL}}`,
      'credentials.sessionName: requires roleArn and tokenFile',
    ],
    [
      `{registries: [${HOST}], credentials: {source: webIdentity, roleArn: "${ROLE}", tokenFile: token}, ${ALL}}`,
      'credentials.tokenFile: must be an absolute path',
    ],
    [
      `{registries: [${HOST}], credentials: {source: magic}, ${ALL}}`,
      'credentials.source: must be one of auto',
    ],
    [
      `{registries: [${HOST}], assumeRole: {roleArn: x}, ${ALL}}`,
      'assumeRole.roleArn: must be the ARN',
    ],
    [
      `{registries: [${HOST}], assumeRole: [{roleArn: "${ROLE}"}, {roleArn: "${ROLE}", external: x}], ${ALL}}`,
      'assumeRole[1].external: is not a known key; known keys here: ',
    ],
    [`{registries: [${HOST}], assumeRole: [], ${ALL}}`, 'assumeRole: must have at least one item'],
    [
      `{registries: [${HOST}], assumeRole: {roleArn: "${ROLE}", sessionTags: {team: x}}, ${ALL}}`,
      'sessionTags.team: is not a known key; known keys here: ',
    ],
    [
      `{registries: [${HOST}], assumeRole: {roleArn: "arn:aws-cn:iam::123456789012:role/x"}, ${ALL}}`,
      'assumeRole: has a role in partition aws-cn, but the registries are in partition aws',
    ],
    [
      `{registries: [${HOST}], credentials: {source: webIdentity, roleArn: "arn:aws-cn:iam::123456789012:role/x", tokenFile: /t}, ${ALL}}`,
      'credentials.roleArn: has a role in partition aws-cn, but the registries are in partition aws',
    ],
    [`{registries: [${HOST}], verify: "yes", ${ALL}}`, 'verify: must be'],
    [
      `{registries: [${HOST}], region: eu-west-1, ${ALL}}`,
      'region: is not a known key; known keys here: ',
    ],
    ['', 'is empty: set a mapping'],
    ['[]', 'must be a mapping'],
  ])('with %s are faulty', (profile, fault) => {
    const text = `profiles:\n  a: ${profile}\n`;

    expect(parseOk(text).settings.profiles.get('a')?.kind).toBe('faulty');
    expect(faultsOf(text).join('\n')).toContain(fault);
  });

  it.each(['Team', 'a_b', '-a', 'a-', '""', '__proto__', 'constructor_', 'a'.repeat(64)])(
    'named %s are faulty',
    (name) => {
      const { settings } = parseOk(`profiles: {${name}: {registries: [${HOST}], ${ALL}}}`);

      expect([...settings.profiles.values()].map(({ kind }) => kind)).toEqual(['faulty']);
    },
  );

  it.each(['constructor', 'a', '0', 'a'.repeat(63)])('named %s are valid', (name) => {
    const { settings } = parseOk(`profiles: {${name}: {registries: [${HOST}], ${ALL}}}`);

    expect(settings.profiles.get(name)?.kind).toBe('healthy');
  });

  it.each([undefined, '', 'middle-earth'])(
    'implied by an empty file need a region: %j is refused',
    (region) => {
      const { settings } = parseOk('', { region });
      const state = settings.profiles.get('default');

      expect(state).toMatchObject({ kind: 'faulty', fault: expect.stringContaining('AWS_REGION') });
    },
  );

  it.each([
    [31, 'healthy', 0],
    [32, 'healthy', 1],
    [127, 'healthy', 1],
    [128, 'faulty', 0],
  ])('with %i hosts are %s with %i warnings', (count, kind, warningCount) => {
    const hosts = Array.from(
      { length: count },
      (_, index) => `${100_000_000_000 + index}.dkr.ecr.eu-west-1.amazonaws.com`,
    );
    const { settings, warnings } = parseOk(
      `profiles: {default: {registries: [${hosts.join(', ')}]}}`,
    );

    expect(settings.profiles.get('default')?.kind).toBe(kind);
    expect(warnings).toHaveLength(warningCount);
  });

  it('with one identity and different allowedNamespaces cause a warning, once for each identity', () => {
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const lines = names.map(
      (name) => `  ${name}: {registries: [${HOST}], allowedNamespaces: {names: [${name}]}}`,
    );
    const { warnings, profileFaults } = parseOk(['profiles:', ...lines].join('\n'));

    expect(profileFaults).toEqual([]);
    expect(warnings).toEqual([
      {
        path: 'profiles',
        message: expect.stringMatching(
          /^p0, p1, .*, p9 and 2 more use the same AWS identity in eu-west-1, .* restrict nobody: give each of them a role of its own/,
        ),
      },
    ]);
  });

  it('have a login for each region, and for ECR Public', () => {
    const { settings } = parseOk(`
profiles:
  default:
    registries:
      - ${HOST}
      - public.ecr.aws
      - 123456789012.dkr.ecr.us-east-1.amazonaws.com
      - 210987654321.dkr-ecr.eu-west-1.on.aws
      - ecr-public.aws.com
`);

    expect(
      profileIn(settings, 'default').logins.map(({ identity, hosts }) => [
        identity.service,
        identity.region,
        hosts,
      ]),
    ).toEqual([
      ['ecr', 'eu-west-1', [HOST, '210987654321.dkr-ecr.eu-west-1.on.aws']],
      ['ecr-public', 'us-east-1', ['public.ecr.aws', 'ecr-public.aws.com']],
      ['ecr', 'us-east-1', ['123456789012.dkr.ecr.us-east-1.amazonaws.com']],
    ]);
  });

  it('share an identity if source, roles and region are the same', () => {
    const { settings } = parseOk(`
profiles:
  a: {registries: [${HOST}], ${ALL}, assumeRole: {roleArn: "${ROLE}"}}
  b: {registries: [210987654321.dkr.ecr.eu-west-1.amazonaws.com], ${ALL}, assumeRole: [{roleArn: "${ROLE}"}]}
  tagged: {registries: [${HOST}], ${ALL}, assumeRole: {roleArn: "${ROLE}", sessionTags: {cluster: one, profile: true}}}
  pinned: {registries: [${HOST}], ${ALL}, credentials: {source: podIdentity}, assumeRole: {roleArn: "${ROLE}"}}
  plain: {registries: [${HOST}], ${ALL}, credentials: {source: auto}}
`);
    const hashes = ['a', 'b', 'tagged', 'pinned', 'plain'].map(
      (name) => profileIn(settings, name).logins[0]?.identity.hash,
    );

    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(4);
    expect(profileIn(settings, 'tagged').logins[0]?.identity.assumeRole).toEqual([
      {
        roleArn: ROLE,
        externalId: undefined,
        sessionName: undefined,
        sessionTags: { cluster: 'one', profile: 'tagged' },
      },
    ]);
    expect(hashes.at(-1)).toBe(anIdentity().hash);
  });

  it('with verify have the tokens of their identity verified for every profile', () => {
    const other = '210987654321.dkr.ecr.eu-west-1.amazonaws.com';
    const { settings } = parseOk(`
profiles:
  a: {registries: [${HOST}], ${ALL}, verify: true}
  b: {registries: [${other}], ${ALL}}
  c: {registries: [${other}], ${ALL}, credentials: {source: environment}}
`);
    const verified = ['a', 'b', 'c'].map(
      (name) => profileIn(settings, name).logins[0]?.identity.verifyHosts,
    );

    expect(verified).toEqual([[HOST], [HOST], []]);
  });
});

function profileIn(settings: Settings, name: string): Profile {
  const state = settings.profiles.get(name);
  if (state?.kind !== 'healthy') throw new Error(`profile ${name} is not healthy`);
  return state.profile;
}

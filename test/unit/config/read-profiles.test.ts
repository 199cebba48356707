import { describe, expect, it } from '@jest/globals';
import { faultsOf, HOST, parseOk } from '../../support/config-text.ts';

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
        'profiles.bad.registries[0]: is not an ECR registry: <account>.dkr.ecr.<region>.amazonaws.com is one',
    });
    expect(profileFaults.map(({ path }) => path)).toEqual(['profiles.bad.registries[0]']);
  });

  it('do without allowedNamespaces in default alone', () => {
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
      'allowedNamespaces: is empty: say names: ["*"]',
    ],
    [
      `{registries: [${HOST}], allowedNamespaces: {selector: {}}}`,
      'allowedNamespaces.selector: is empty',
    ],
    [`{registries: [${HOST}], allowedNamespaces: }`, 'allowedNamespaces: is empty: give a mapping'],
    [`{registries: [], ${ALL}}`, 'registries: must have at least one item'],
    [`{${ALL}}`, 'registries: is missing'],
    [`{registries: [${HOST}, ${HOST}], ${ALL}}`, 'registries[1]: stands here twice'],
    [
      `{registries: [public.ecr.aws], ${ALL}}`,
      'registries[0]: is ECR Public, which is not supported yet',
    ],
    [
      `{registries: [${HOST}, 123456789012.dkr.ecr.eu-west-2.amazonaws.com], ${ALL}}`,
      'registries[1]: is in another region than the first, which is not supported yet',
    ],
    [
      `{registries: [${HOST}], credentials: {source: webIdentity}, ${ALL}}`,
      'credentials.source: is not supported yet',
    ],
    [
      `{registries: [${HOST}], credentials: {source: magic}, ${ALL}}`,
      'credentials.source: must be one of auto',
    ],
    [
      `{registries: [${HOST}], assumeRole: {roleArn: "arn:aws:iam::123456789012:role/x"}, ${ALL}}`,
      'assumeRole: is not supported yet',
    ],
    [
      `{registries: [${HOST}], assumeRole: {roleArn: x}, ${ALL}}`,
      'assumeRole.roleArn: must be the ARN',
    ],
    [`{registries: [${HOST}], region: eu-west-1, ${ALL}}`, 'region: is not a known key here'],
    ['', 'is empty: give a mapping'],
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

  it.each(['constructor', 'a', '0', 'a'.repeat(63)])('named %s are fine', (name) => {
    const { settings } = parseOk(`profiles: {${name}: {registries: [${HOST}], ${ALL}}}`);

    expect(settings.profiles.get(name)?.kind).toBe('healthy');
  });

  it.each([undefined, '', 'middle-earth'])(
    'implied by a file without any need a region: %j will not do',
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
});

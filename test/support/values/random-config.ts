/** Random configurations: each part is one that a person might write, right or wrong, and most files have few faults. */
import * as fc from 'fast-check';

const REGIONS = ['eu-west-1', 'us-east-1', 'us-gov-west-1', 'cn-north-1', 'us-iso-east-1'];
const SUFFIXES = ['amazonaws.com', 'amazonaws.com.cn', 'amazonaws.eu', 'c2s.ic.gov'];

const host = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('eu-west-1', 'us-east-1')
      .map((region) => hostOf(region, SUFFIXES[0])),
  },
  fc.constantFrom('public.ecr.aws', 'docker.io', 'https://public.ecr.aws', ''),
  fc
    .tuple(fc.constantFrom(...REGIONS, 'eu-1', 'us-gov-1'), fc.constantFrom(...SUFFIXES))
    .map(([region, suffix]) => hostOf(region, suffix)),
);

function hostOf(region: string, suffix = 'amazonaws.com'): string {
  return `123456789012.dkr.ecr.${region}.${suffix}`;
}

const name = fc.constantFrom('a', 'team-*', '*', 'b-1', 'Team', '', 'a.b');
const label = fc.constantFrom('x', '', 'a b', 'x'.repeat(64));
const matchLabels = fc.dictionary(fc.constantFrom('team', 'a.io/b', 'a b', '/x', 'a/b/c'), label, {
  maxKeys: 2,
});
const matchExpressions = fc.array(
  fc.record(
    {
      key: fc.constantFrom('team', 'a.io/b', '-'),
      operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Near'),
      values: fc.array(label, { maxLength: 2 }),
    },
    { requiredKeys: ['key', 'operator'] },
  ),
  { maxLength: 2 },
);
const names = fc.array(name, { maxLength: 3 });
const partly = { requiredKeys: [] };
const labelParts = { matchLabels, matchExpressions };

const role = fc.record(
  {
    roleArn: fc.constantFrom(
      'arn:aws:iam::123456789012:role/x',
      'arn:aws-cn:iam::123456789012:role/x',
      'arn:aws:iam::1:role/x',
    ),
    externalId: fc.constantFrom('x/y', 'x', 'x y'),
    sessionName: fc.constantFrom('a-b', 'a'),
    sessionTags: fc.record({ cluster: fc.constantFrom('one', ''), profile: fc.boolean() }, partly),
  },
  { requiredKeys: ['roleArn'] },
);

const credentials = fc.record(
  {
    source: fc.constantFrom('auto', 'webIdentity', 'webIdentity', 'podIdentity', 'none'),
    roleArn: fc.constantFrom(
      'arn:aws:iam::123456789012:role/x',
      'arn:aws-cn:iam::123456789012:role/x',
    ),
    tokenFile: fc.constantFrom('/var/token', 'token', '/'),
    sessionName: fc.constantFrom('a-b', 'a'),
  },
  partly,
);

const profile = fc.record(
  {
    registries: fc.array(host, { maxLength: 3 }),
    credentials: sometimes(credentials),
    assumeRole: sometimes(fc.oneof(role, fc.array(role, { maxLength: 6 }))),
    verify: sometimes(fc.constantFrom<unknown>(true, 'yes')),
    allowedNamespaces: fc.record({ names, selector: fc.record(labelParts, partly) }, partly),
  },
  { requiredKeys: ['registries'] },
);

/** Rarely present, as in real files, so that not all configurations are refused for the same reason. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 1 });
}

const field = fc.oneof(
  { weight: 3, arbitrary: fc.constant('*') },
  fc.constantFrom(
    '0',
    '5',
    '7',
    '12',
    '24',
    '31',
    '60',
    '*/5',
    '*/0',
    '1-5',
    '2-40/3',
    'mon',
    'jan',
    'L',
    '?',
    '1,15',
  ),
);
const refusedOrNot = (values: readonly unknown[]) => fc.constantFrom(...values);
const fraction = refusedOrNot([0, 0.1, 0.5, 0.8, 0.85, 0.9, 1, -1, '0.5']);
const secretName = fc.constantFrom('ecr-pull-secret', 'a.b', 'old', 'A', 'a..b', '');

const parts: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  profiles: fc.dictionary(fc.constantFrom('default', 'default', 'team-a', 'Bad'), profile, {
    maxKeys: 2,
  }),
  namespaces: fc.record(
    {
      selector: fc.record({ names, ...labelParts }, partly),
      exclude: names,
      only: fc.array(name, { maxLength: 2 }),
    },
    partly,
  ),
  refresh: fc.record({ atLifetimeFraction: fraction, jitterFraction: fraction }, partly),
  removal: fc.record(
    {
      gracePeriod: refusedOrNot([
        '0s',
        '10m',
        '1h30m',
        '30d',
        '30d1s',
        '720h',
        '721h',
        '010m',
        '',
        '5',
        '1m1h',
        600,
      ]),
      maxPerTenMinutes: refusedOrNot(['5%', '100%', '101%', '0.5%', 0, 5, -1, 1.5, '5', true]),
    },
    partly,
  ),
  secretName,
  attach: fc.record({ mode: fc.constantFrom('serviceAccounts', 'none', 'pods') }, partly),
  kubernetes: fc.record(
    {
      qps: refusedOrNot([0, 0.5, 50, 10_000, 10_001]),
      burst: refusedOrNot([0, 1, 1.5, 100_000, 100_001]),
    },
    partly,
  ),
  sweep: fc.record(
    { schedule: fc.tuple(field, field, field, field, field).map((all) => all.join(' ')) },
    partly,
  ),
  surplus: fc.constant(1),
};

/** With one or two keys: with more, nearly all would be refused, whatever the rest contains. */
export const randomConfig: fc.Arbitrary<unknown> = fc
  .uniqueArray(fc.constantFrom(...Object.keys(parts), 'profiles'), { minLength: 1, maxLength: 2 })
  .chain((keys) =>
    fc.record(Object.fromEntries(Object.entries(parts).filter(([key]) => keys.includes(key)))),
  )
  // As in a file: without keys whose value is `undefined`.
  .map((config) => JSON.parse(JSON.stringify(config)) as unknown);

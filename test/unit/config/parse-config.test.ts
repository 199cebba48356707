import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { anIdentity } from '../../support/values/builders.ts';
import { environment, faultsOf, HOST, parseOk } from '../../support/values/config-text.ts';

describe('parseConfig', () => {
  it('fills an empty file with the documented defaults', () => {
    const { settings, process, warnings, profileFaults } = parseOk('');

    expect(settings).toEqual({
      profiles: new Map([
        [
          'default',
          {
            kind: 'healthy',
            profile: {
              name: 'default',
              allowedNamespaces: undefined,
              logins: [
                {
                  identity: anIdentity(),
                  hosts: 'own',
                },
              ],
              asWritten: {},
            },
          },
        ],
      ]),
      namespaces: {
        selector: undefined,
        exclude: ['kube-system', 'kube-public', 'kube-node-lease'],
      },
      refresh: { atLifetimeFraction: 0.4, jitterFraction: 0.1 },
      removal: { gracePeriodMs: 600_000, brake: { kind: 'fraction', fraction: 0.05 } },
      attach: 'serviceAccounts',
    });
    expect(process).toEqual({
      scope: { kind: 'cluster' },
      secretName: 'ecr-pull-secret',
      kubernetes: { qps: 200, burst: 400 },
      sweep: { schedule: '7 * * * *' },
    });
    expect([...warnings, ...profileFaults]).toEqual([]);
  });

  it('reads every key that it knows', () => {
    const { settings, process } = parseOk(`
profiles:
  team-a:
    registries: [${HOST}, 210987654321.dkr-ecr.eu-west-1.on.aws]
    credentials: {source: auto}
    allowedNamespaces: {names: ["team-*"], selector: {matchLabels: {tier: prod}}}
namespaces:
  selector:
    names: ["team-*"]
    matchLabels: {a.io/b: ""}
    matchExpressions: [{key: tier, operator: In, values: [x, y]}, {key: z, operator: Exists}]
  exclude: ["kube-*"]
  only: [team-b, team-a]
refresh: {atLifetimeFraction: 0.8, jitterFraction: 0.1}
removal: {gracePeriod: 1h30m, maxPerTenMinutes: 20}
secretName: pull.secret
attach: {mode: none}
kubernetes: {qps: 5.5, burst: 7}
sweep: {schedule: "*/5 * * * *"}
`);

    expect(settings.profiles.get('team-a')).toEqual({
      kind: 'healthy',
      profile: {
        name: 'team-a',
        allowedNamespaces: {
          names: ['team-*'],
          matchLabels: { tier: 'prod' },
          matchExpressions: [],
        },
        logins: [
          {
            identity: expect.objectContaining({ region: 'eu-west-1' }),
            hosts: [HOST, '210987654321.dkr-ecr.eu-west-1.on.aws'],
          },
        ],
        asWritten: {
          registries: [HOST, '210987654321.dkr-ecr.eu-west-1.on.aws'],
          credentials: { source: 'auto' },
          allowedNamespaces: { names: ['team-*'], selector: { matchLabels: { tier: 'prod' } } },
        },
      },
    });
    expect(settings).toMatchObject({
      namespaces: {
        selector: {
          names: ['team-*'],
          matchLabels: { 'a.io/b': '' },
          matchExpressions: [
            { key: 'tier', operator: 'In', values: ['x', 'y'] },
            { key: 'z', operator: 'Exists', values: [] },
          ],
        },
        exclude: ['kube-*'],
      },
      refresh: { atLifetimeFraction: 0.8, jitterFraction: 0.1 },
      removal: { gracePeriodMs: 5_400_000, brake: { kind: 'count', count: 20 } },
      attach: 'none',
    });
    expect(process).toEqual({
      scope: { kind: 'namespaces', names: ['team-b', 'team-a'] },
      secretName: 'pull.secret',
      kubernetes: { qps: 5.5, burst: 7 },
      sweep: { schedule: '*/5 * * * *' },
    });
  });

  it('names all faults at once with their paths, in profiles too', () => {
    const faults = faultsOf(`
profiles:
  default: {registries: [evil.io], hosts: []}
namespaces: {selector: {names: [Team]}, exlude: []}
refresh: {atLifetimeFraction: "half"}
removal: {gracePeriod: 10, maxPerTenMinutes: 500%}
secretName: Upper
kubernetes: {qps: 0.9, burst: 1.5}
sweep: {schedule: "bad * * * *"}
attach:
surprise: 1
`);

    expect(new Set(faults.map((fault) => fault.split(':')[0]))).toEqual(
      new Set([
        'attach',
        'kubernetes.burst',
        'kubernetes.qps',
        'namespaces.exlude',
        'namespaces.selector.names[0]',
        'profiles.default.hosts',
        'profiles.default.registries[0]',
        'refresh.atLifetimeFraction',
        'removal.gracePeriod',
        'removal.maxPerTenMinutes',
        'secretName',
        'surprise',
        'sweep.schedule',
      ]),
    );
  });

  it.each([
    ['refresh: {atLifetimeFraction: 0}', 'refresh.atLifetimeFraction: must be greater than 0'],
    ['refresh: {atLifetimeFraction: 0.85}', 'must add up to at most 0.9'],
    ['refresh: {jitterFraction: -0.1}', 'refresh.jitterFraction: must be at least 0'],
    ['refresh: {atLifetimeFraction: .nan}', 'refresh.atLifetimeFraction: must be a number'],
    ['removal: {gracePeriod: 31d}', 'at most 30d'],
    ['removal: {maxPerTenMinutes: 1.5}', 'removal.maxPerTenMinutes: must be a percentage'],
    ['removal: {maxPerTenMinutes: -1}', 'removal.maxPerTenMinutes: must be a percentage'],
    ['removal: {maxPerTenMinutes: 101%}', 'removal.maxPerTenMinutes: must be a percentage'],
    ['removal: {maxPerTenMinutes: [5]}', 'removal.maxPerTenMinutes: must be a percentage'],
    ['secretName: a..b', 'secretName: must be the name of a Secret'],
    ['secretName: 12', 'secretName: must be text (in quotes)'],
    ['attach: {mode: pods}', 'attach.mode: must be one of serviceAccounts, none'],
    ['kubernetes: {burst: 0}', 'kubernetes.burst: must be at least 1'],
    [
      'sweep: {schedule: "* * * * * *"}',
      'sweep.schedule: must be a cron expression of five fields',
    ],
    [
      'namespaces: {selector: {}}',
      'namespaces.selector: is empty: for all namespaces, set names: ["*"]',
    ],
    ['namespaces: {selector: {matchLabels: {}}}', 'namespaces.selector: is empty'],
    [
      'namespaces: {selector: {names: []}}',
      'namespaces.selector.names: must have at least one item',
    ],
    ['namespaces: {selector: {names: ["a.b"]}}', 'must be a namespace name'],
    ['namespaces: {selector: {matchLabels: {a: true}}}', 'matchLabels.a: must be a label value'],
    ['namespaces: {selector: {matchLabels: {"a b": x}}}', 'matchLabels["a b"]: is not a label key'],
    [
      'namespaces: {selector: {matchLabels: {__proto__: x}}}',
      'matchLabels.__proto__: is not a label key',
    ],
    ['namespaces: {selector: {matchLabels: [a]}}', 'matchLabels: must be a mapping'],
    [
      'namespaces: {selector: {matchExpressions: [{key: a, operator: In}]}}',
      'values: is required with In',
    ],
    [
      'namespaces: {selector: {matchExpressions: [{key: a, operator: Exists, values: [x]}]}}',
      'values: is not allowed with Exists',
    ],
    ['namespaces: {selector: {matchExpressions: [{operator: Exists}]}}', 'key: is missing'],
    ['namespaces: {only: ["team-*"]}', 'namespaces.only[0]: must be the name of a namespace'],
    ['namespaces: {only: [team-a, team-a]}', 'namespaces.only: lists a namespace twice'],
    ['profiles:', 'profiles: must be a mapping of at least one profile'],
    ['profiles: {}', 'profiles: must be a mapping of at least one profile'],
    ['profiles: [default]', 'profiles: must be a mapping of at least one profile'],
    ['__proto__: {secretName: x}', '__proto__: is not a known key; known keys here: profiles'],
    ['constructor: 1', 'constructor: is not a known key; known keys here: '],
    ['- a', 'the file must be a mapping'],
    ['just text', 'must be a mapping'],
  ])('refuses %j and says how to fix it', (text, fault) => {
    const result = parseConfig(text, environment);

    expect(result.kind).toBe('invalid');
    expect(faultsOf(text).join('\n')).toContain(fault);
  });

  it('does not read a prototype as configuration', () => {
    expect(parseConfig('__proto__: {secretName: other}', environment).kind).toBe('invalid');
    expect(parseOk('{}').process.secretName).toBe('ecr-pull-secret');
  });

  it('handles any text without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['ok', 'invalid']).toContain(parseConfig(text, environment).kind);
      }),
    );
  });

  it('returns equal settings for equal text', () => {
    const text = `profiles: {default: {registries: [${HOST}]}}`;

    expect(parseConfig(text, environment)).toEqual(parseConfig(text, environment));
  });
});

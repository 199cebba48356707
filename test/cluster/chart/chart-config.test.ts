/** A configuration in the chart's values: helm takes what `run` takes, and refuses every fault that nobody else would notice. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { isSchedule } from '../../../src/base/cron.ts';
import { CHART } from '../../support/chart/chart.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { blocksIn } from '../../support/pages/document-page.ts';
import { randomConfig } from '../../support/values/random-config.ts';
import { Helm } from '../../support/tools/helm.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ROLE = 'arn:aws:iam::123456789012:role/x';

const GOOD_SCHEDULES = [
  ' 0  3 * * * ',
  '*/99 */2 1,15,L * ?',
  '1,2,*/5 22-3 ? jan-mar/2 mon-fri',
  '0 0 15W,L-3,LW january 5L,5#3,7',
  '0 0 31 1-12 sunday',
  '0 0 29 2 *',
];
const BAD_SCHEDULES = [
  '1 2 3 4 bad',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 13 *',
  '* * * * 8',
  '*/0 * * * *',
  '5/10 * * * *',
  '1, * * * *',
  '-5 * * * *',
  '? * * * *',
  '0 0 31 4,JUN *',
  '0 0 30-31 feb *',
];
const RUNS = 200;
/** What a template says that met something unforeseen. */
const RAW = /nil pointer|error calling|wrong type|can't evaluate|incompatible types/;

let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
closeAfterAll(() => [helm]);

/** What the controller says of a file, as `path: message`; those of profiles too. */
function faultsOf(text: string): readonly string[] {
  const result = parseConfig(text, { region: 'eu-west-1', isSchedule });
  const faults = result.kind === 'ok' ? result.profileFaults : result.faults;
  return faults.map(({ path, message }) => `${path}: ${message}`);
}

interface Verdict {
  /** What helm complains of; nothing where it takes it. */
  readonly refusal: string;
  /** The file that it makes of it. */
  readonly file: string;
}

async function judge(config: unknown): Promise<Verdict> {
  const values = join(helm.dir, 'values.yaml');
  await writeFile(values, stringify({ config }));
  const only = ['-s', 'templates/configmap.yaml', '-f', values];
  const { code, stdout, output } = await helm.run(
    'template',
    'x',
    CHART,
    ...only,
    ...modeOf(config),
  );
  if (code !== 0) return { refusal: output, file: '' };
  const { data } = parse(stdout) as { readonly data: Readonly<Record<string, string>> };
  return { refusal: '', file: data['config.yaml'] ?? '' };
}

function isLeftToController(fault: string): boolean {
  return fault.startsWith('profiles.');
}

/** The chart wants the roles that fit `namespaces.only`. */
function modeOf(config: unknown): readonly string[] {
  return JSON.stringify(config).includes('"only":["') ? ['--set', 'rbac.mode=namespaces'] : [];
}

describe('a configuration in the values', () => {
  it.each([
    ...examplesIn('docs/reference.md'),
    ...examplesIn('docs/profiles.md'),
    '{}',
    'namespaces: {exclude: ["*-x"], selector: {matchExpressions: [{key: a/b, operator: NotIn, values: [c, ""]}]}}',
    'removal: {gracePeriod: 1d2h3m4s, maxPerTenMinutes: 0}',
    'removal: {maxPerTenMinutes: 12.5%}',
    'removal: {maxPerTenMinutes: 100%}',
    'removal: {maxPerTenMinutes: 005.0%}',
    'removal: {maxPerTenMinutes: 9007199254740991}',
    'removal: {gracePeriod: 30d}',
    'removal: {gracePeriod: 010h}',
    'refresh: {atLifetimeFraction: 0.8}',
    'refresh: {atLifetimeFraction: 0.9, jitterFraction: 0}',
    'refresh: {jitterFraction: 0.5}',
    ...GOOD_SCHEDULES.map((schedule) => `sweep: {schedule: "${schedule}"}`),
    'namespaces: {only: [a, b]}',
    'namespaces: {selector: {names: [a], matchLabels: {}}}',
    `profiles: {default: {registries: [${HOST}, 210987654321.dkr.ecr-fips.us-east-1.amazonaws.com, ecr-public.aws.com]}}`,
    'secretName: a.b-c',
    'kubernetes: {qps: 0.5, burst: 1}',
    'profiles: {default: {registries: [public.ecr.aws]}}',
    'profiles: {default: {registries: [123456789012.dkr-ecr-fips.us-gov-west-1.on.aws]}}',
    'profiles: {default: {registries: [123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn]}}',
    'profiles: {default: {registries: [123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu]}}',
    'profiles: {default: {registries: [123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov]}}',
    `profiles: {default: {registries: [${HOST}], assumeRole: [{roleArn: '${ROLE}'}, {roleArn: '${ROLE}', externalId: x/y}]}}`,
    `profiles: {default: {registries: [${HOST}], credentials: {source: webIdentity, roleArn: '${ROLE}', tokenFile: /a}}}`,
    `profiles: {a: {registries: [${HOST}], allowedNamespaces: {selector: {matchLabels: {a: ''}}}}}`,
  ])('takes what the controller takes: %j', async (text) => {
    const { refusal, file } = await judge(parse(text));

    expect([refusal, faultsOf(text), faultsOf(file)]).toEqual(['', [], []]);
  });

  it.each([
    ['namespaces: {selector: {}}', '/config/namespaces/selector'],
    ['namespaces: {selector: {names: [Team]}}', '/config/namespaces/selector/names/0'],
    ['namespaces: {exlude: []}', '/config/namespaces'],
    [
      'namespaces: {selector: {matchLabels: {"a b": x}}}',
      '/config/namespaces/selector/matchLabels',
    ],
    [
      'namespaces: {selector: {matchLabels: {a: true}}}',
      '/config/namespaces/selector/matchLabels/a',
    ],
    [
      'namespaces: {selector: {matchExpressions: [{key: a, operator: In}]}}',
      '/config/namespaces/selector/matchExpressions/0',
    ],
    [
      'namespaces: {selector: {matchExpressions: [{key: a, operator: Exists, values: [x]}]}}',
      '/config/namespaces/selector/matchExpressions/0/values',
    ],
    ['refresh: {atLifetimeFraction: 0}', '/config/refresh/atLifetimeFraction'],
    ['refresh: {jitterFraction: -0.1}', '/config/refresh/jitterFraction'],
    ['removal: {gracePeriod: 10}', '/config/removal/gracePeriod'],
    ['removal: {gracePeriod: ten}', '/config/removal/gracePeriod'],
    ['removal: {maxPerTenMinutes: 101%}', '/config/removal/maxPerTenMinutes'],
    ['removal: {maxPerTenMinutes: 1.5}', '/config/removal/maxPerTenMinutes'],
    ['removal: {maxPerTenMinutes: -1}', '/config/removal/maxPerTenMinutes'],
    ['secretName: a..b', '/config/secretName'],
    ['attach: {mode: pods}', '/config/attach/mode'],
    ['kubernetes: {burst: 0}', '/config/kubernetes/burst'],
    ['sweep: {schedule: hourly}', '/config/sweep/schedule'],
    ['profiles: {}', '/config/profiles'],
    ['profiles: {default: {}}', '/config/profiles/default'],
    ['profiles: {default: {registries: []}}', '/config/profiles/default/registries'],
    ['profiles: {default: {registries: [docker.io]}}', '/config/profiles/default/registries/0'],
    [
      `profiles: {default: {registries: [${HOST}, ${HOST}]}}`,
      '/config/profiles/default/registries',
    ],
    [`profiles: {A: {registries: [${HOST}], allowedNamespaces: {names: [a]}}}`, '/config/profiles'],
    [`profiles: {a: {registries: [${HOST}]}}`, '/config/profiles/a'],
    [
      `profiles: {a: {registries: [${HOST}], allowedNamespaces: {}}}`,
      '/config/profiles/a/allowedNamespaces',
    ],
    [
      `profiles: {default: {registries: [${HOST}], credentials: {source: auto, tokenFile: /a}}}`,
      '/config/profiles/default/credentials/tokenFile',
    ],
    [
      `profiles: {default: {registries: [${HOST}], credentials: {source: webIdentity, tokenFile: /a}}}`,
      '/config/profiles/default/credentials',
    ],
    [
      `profiles: {default: {registries: [${HOST}], assumeRole: {roleArn: nobody}}}`,
      '/config/profiles/default/assumeRole/roleArn',
    ],
    [
      `profiles: {default: {registries: [${HOST}], assumeRole: []}}`,
      '/config/profiles/default/assumeRole',
    ],
  ])('refuses what the controller refuses: %s', async (text, path) => {
    expect(faultsOf(text)).not.toEqual([]);
    expect((await judge(parse(text))).refusal).toContain(`- at '${path}': `);
  });

  // What a JSON schema can't say, or only in words that nobody understands, with the path as it was written.
  it.each([
    ['refresh: {atLifetimeFraction: 0.85}', 'config.refresh'],
    ['refresh: {jitterFraction: 0.51}', 'config.refresh'],
    ['removal: {gracePeriod: 31d}', 'config.removal.gracePeriod'],
    ['removal: {gracePeriod: 0100d}', 'config.removal.gracePeriod'],
    ['removal: {gracePeriod: 30d1s}', 'config.removal.gracePeriod'],
    ...BAD_SCHEDULES.map((schedule) => [
      `sweep: {schedule: "${schedule}"}`,
      'config.sweep.schedule',
    ]),
    ['namespaces: {selector: {matchLabels: {}}}', 'config.namespaces.selector'],
    ['namespaces: {selector: {matchExpressions: []}}', 'config.namespaces.selector'],
  ])('refuses what the controller refuses, in its words: %s', async (text, path) => {
    expect(faultsOf(text)).not.toEqual([]);
    expect((await judge(parse(text))).refusal).toContain(`\n- ${path}: `);
  });

  it('refuses a file that is longer than the controller reads', async () => {
    const config = {
      namespaces: { exclude: Array<string>(20_000).fill('a-name-of-some-length-or-so') },
    };

    expect(faultsOf(stringify(config))).not.toEqual([]);
    expect((await judge(config)).refusal).toContain('\n- config: is longer');
  });

  it('names all faults at once', async () => {
    const text = 'refresh: {atLifetimeFraction: 0.85}\nremoval: {gracePeriod: 31d}';

    expect((await judge(parse(text))).refusal).toMatch(/- config\.refresh: [^]*- config\.removal/);
  });

  it.each([
    ['profiles: null', '/config/profiles'],
    ['profiles: {default: null}', '/config/profiles/default'],
    ['profiles: {default: {registries: null}}', '/config/profiles/default/registries'],
    ['namespaces: null', '/config/namespaces'],
    ['secretName: null', '/config/secretName'],
  ])('refuses an empty key by its path: %s', async (text, path) => {
    expect(faultsOf(text)).not.toEqual([]);
    expect((await judge(parse(text))).refusal).toContain(`- at '${path}': got null`);
  });

  it('may be empty itself, as where all of it is commented out', async () => {
    expect(await judge(null)).toEqual({ refusal: '', file: '{}\n' });
  });

  it.each([
    `profiles: {default: {registries: [123456789012.dkr.ecr.nowhere-1.amazonaws.com]}}`,
    `profiles: {default: {registries: [${HOST}, 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn]}}`,
    `profiles: {default: {registries: [${HOST}], assumeRole: {roleArn: 'arn:aws-cn:iam::123456789012:role/x'}}}`,
    `profiles: {a: {registries: [${HOST}], allowedNamespaces: {names: [a], selector: {matchLabels: {}}}}}`,
  ])('is left to the controller where a profile has the fault: %s', async (text) => {
    expect((await judge(parse(text))).refusal).toBe('');
    expect(faultsOf(text).filter(isLeftToController)).not.toEqual([]);
  });

  // What nobody writes, or can write in the usual way.
  it.each([
    ['a range through months that have no such day', '0 0 31 2-4/2 *', false, true],
    ['a range from beyond the field, turned around by the scheduler', '70-10 * * * *', true, false],
    ['numbers with more zeros in front than anybody writes', '0007 * * * *', true, false],
  ])('is judged by one side alone: %s', async (_, schedule, byController, byHelm) => {
    const config = { sweep: { schedule } };

    expect(faultsOf(stringify(config)).length === 0).toBe(byController);
    expect((await judge(config)).refusal === '').toBe(byHelm);
  });

  it('is judged as the controller judges it, whatever it is', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(randomConfig, async (config) => {
        const { refusal, file } = await judge(config);
        taken += refusal === '' ? 1 : 0;

        expect(refusal).not.toMatch(RAW);
        const faults = faultsOf(refusal === '' ? file : stringify(config));
        const isRefused = refusal !== '';
        const others = faults.filter((fault) => isRefused || !isLeftToController(fault));
        expect({ config, refusal, hasFaults: others.length > 0 }).toEqual({
          config,
          refusal,
          hasFaults: isRefused,
        });
      }),
      { numRuns: RUNS },
    );

    // Both verdicts are frequent: else it would show nothing.
    expect(taken).toBeGreaterThan(RUNS / 10);
    expect(taken).toBeLessThan(RUNS * 0.9);
  });
});

/** The examples of a page that are whole configurations. */
function examplesIn(page: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '../../..', page), 'utf8');
  const keys = ['profiles', 'namespaces', 'refresh', 'removal', 'secretName', 'attach'];
  return blocksIn(text, 'yaml').filter((example) =>
    keys.some((key) => new RegExp(`^${key}:`, 'm').test(example)),
  );
}

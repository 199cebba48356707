/** A configuration in the chart's values: helm accepts what `run` accepts, and refuses every fault that nobody else would notice. */
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
import { HOST, REFUSED_CONFIGS, TAKEN_CONFIGS } from '../../support/values/chart-configs.ts';
import { randomConfig } from '../../support/values/random-config.ts';
import { Helm } from '../../support/tools/helm.ts';

/** A key of `refresh`, and the default of the other. */
const DEFAULT_FRACTIONS = defaultFractions();
const RUNS = 200;
/** The error of a template that met unexpected input. */
const RAW = /nil pointer|error calling|wrong type|can't evaluate|incompatible types/;

let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
closeAfterAll(() => [helm]);

/** The faults that the controller finds in a file, as `path: message`; those inside profiles too. */
function faultsOf(text: string): readonly string[] {
  const result = parseConfig(text, { region: 'eu-west-1', isSchedule });
  const faults = result.kind === 'ok' ? result.profileFaults : result.faults;
  return faults.map(({ path, message }) => `${path}: ${message}`);
}

interface Verdict {
  /** Helm's error message; empty if it accepts the configuration. */
  readonly refusal: string;
  /** The file that it renders. */
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

/** The chart requires the rbac.mode that fits `namespaces.only`. */
function modeOf(config: unknown): readonly string[] {
  return JSON.stringify(config).includes('"only":["') ? ['--set', 'rbac.mode=namespaces'] : [];
}

describe('a configuration in the values', () => {
  it.each([
    ...examplesIn('docs/reference/configuration.md'),
    ...examplesIn('docs/reference/credentials.md'),
    ...examplesIn('docs/profiles.md'),
    ...TAKEN_CONFIGS,
  ])('accepts what the controller accepts: %j', async (text) => {
    const { refusal, file } = await judge(parse(text));

    expect([refusal, faultsOf(text), faultsOf(file)]).toEqual(['', [], []]);
  });

  it.each([...REFUSED_CONFIGS])('refuses what the controller refuses: %s', async (text, path) => {
    expect(faultsOf(text)).not.toEqual([]);
    expect((await judge(parse(text))).refusal).toContain(`- at '${path}': `);
  });

  // What a JSON schema can't express, with the path as it was written.
  it.each(['refresh: {atLifetimeFraction: 0.85}', 'refresh: {jitterFraction: 0.51}'])(
    'refuses what the controller refuses, in its words: %s',
    async (text) => {
      expect(faultsOf(text)).not.toEqual([]);
      expect((await judge(parse(text))).refusal).toContain('\n- config.refresh: ');
    },
  );

  it.each(DEFAULT_FRACTIONS)('checks %s against the default of the other', async (key, other) => {
    const most = 0.9 - other;

    expect((await judge({ refresh: { [key]: most } })).refusal).toBe('');
    expect((await judge({ refresh: { [key]: most + 0.001 } })).refusal).not.toBe('');
  });

  it.each([
    ['sweep: {schedule: hourly}', 'a cron expression of five fields (UTC), such as "7 * * * *"'],
    ['removal: {gracePeriod: 31d}', 'a duration of at most 30d, such as 10m, 1h30m or 20d12h'],
    ['profiles: {default: {registries: [docker.io]}}', 'only the host of an ECR registry, such as'],
    [
      'namespaces: {selector: {}}',
      'a selector that is not empty; for all namespaces, set names: ["*"]',
    ],
  ])('describes the value if nobody could read the pattern: %s', async (text, words) => {
    expect((await judge(parse(text))).refusal).toContain(`value must be '${words}`);
  });

  it('refuses a file that is longer than the controller reads', async () => {
    const config = {
      namespaces: { exclude: Array<string>(20_000).fill('a-name-of-some-length-or-so') },
    };

    expect(faultsOf(stringify(config))).not.toEqual([]);
    expect((await judge(config)).refusal).toContain('\n- config: is longer');
  });

  it('names all faults at once', async () => {
    const text = 'sweep: {schedule: hourly}\nremoval: {gracePeriod: 31d}';
    const { refusal } = await judge(parse(text));

    expect(refusal).toContain("at '/config/sweep/schedule'");
    expect(refusal).toContain("at '/config/removal/gracePeriod'");
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

  it('may be empty, as when all of it is commented out', async () => {
    expect(await judge(null)).toEqual({ refusal: '', file: '{}\n' });
  });

  it.each([
    `profiles: {default: {registries: [${HOST}, 123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn]}}`,
    `profiles: {default: {registries: [${HOST}], assumeRole: {roleArn: 'arn:aws-cn:iam::123456789012:role/x'}}}`,
    `profiles: {default: {registries: [${HOST}], credentials: {source: webIdentity, tokenFile: /a, roleArn: 'arn:aws-cn:iam::123456789012:role/x'}}}`,
  ])('is left to the controller where a profile has the fault: %s', async (text) => {
    expect((await judge(parse(text))).refusal).toBe('');
    expect(faultsOf(text).filter(isLeftToController)).not.toEqual([]);
  });

  it('gets the same verdict as from the controller, whatever it is', async () => {
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

    // Both verdicts must be frequent, or this would show nothing.
    expect(taken).toBeGreaterThan(RUNS / 10);
    expect(taken).toBeLessThan(RUNS * 0.9);
  });
});

/** Read from the code: the template that adds them up repeats them. */
function defaultFractions(): readonly (readonly [string, number])[] {
  const config = parseConfig('', { region: 'eu-west-1', isSchedule });
  if (config.kind === 'invalid') throw new Error('an empty file is no configuration');
  const { atLifetimeFraction, jitterFraction } = config.settings.refresh;
  return [
    ['atLifetimeFraction', jitterFraction],
    ['jitterFraction', atLifetimeFraction],
  ];
}

/** The examples in a page that are complete configurations. */
function examplesIn(page: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '../../..', page), 'utf8');
  const keys = ['profiles', 'namespaces', 'refresh', 'removal', 'secretName', 'attach'];
  return blocksIn(text, 'yaml').filter((example) =>
    keys.some((key) => new RegExp(`^${key}:`, 'm').test(example)),
  );
}

/** The chart without a cluster: helm lint, helm-unittest, and its schema beside the controller's own. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { CHART, ciFiles } from '../support/chart.ts';
import { faultsOf } from '../support/config-text.ts';
import { findHelmUnittest } from '../support/tools/find-tool.ts';
import { Helm } from '../support/tools/helm.ts';
import { runTool } from '../support/tools/run-tool.ts';

let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
afterAll(async () => helm.close());

describe('the chart', () => {
  it.each(['values.yaml', ...ciFiles()])(
    'is free of faults for helm lint with %s',
    async (file) => {
      const { code, output } = await helm.run('lint', '--strict', CHART, '-f', join(CHART, file));

      expect(output.replaceAll(/^.*icon is recommended\n/gm, '')).not.toMatch(
        /\[(?:ERROR|WARNING)\]/,
      );
      expect(code).toBe(0);
    },
  );

  it('passes its own suites, 30 at least', async () => {
    const { code, output } = await runTool(await findHelmUnittest(), ['--color=false', CHART]);

    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    const [, suites = '0'] = /Test Suites: .*?(\d+) total/.exec(output) ?? [];
    expect(Number(suites)).toBeGreaterThanOrEqual(30);
  });
});

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ROLE = 'arn:aws:iam::123456789012:role/x';

describe('a wrong value', () => {
  it.each([
    ['config.removal.gracePriod=1h', "- at '/config/removal': additional properties 'gracePriod'"],
    ['rbac.mode=namespaces', 'config.namespaces.only must name the namespaces'],
  ])('%s is refused with its path', async (set, message) => {
    const { code, output } = await template('--set', set);

    expect([code, output]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe("the schema of config beside the controller's", () => {
  it.each([
    ...examplesIn('docs/reference.md'),
    ...examplesIn('docs/profiles.md'),
    '{}',
    'namespaces: {exclude: ["*-x"], selector: {matchExpressions: [{key: a/b, operator: NotIn, values: [c, ""]}]}}',
    'removal: {gracePeriod: 1d2h3m4s, maxPerTenMinutes: 0}',
    'removal: {maxPerTenMinutes: 12.5%}',
    'removal: {maxPerTenMinutes: 100%}',
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
    expect(faultsOf(text)).toEqual([]);
    expect(await judge(text)).toBe('');
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
    expect(await judge(text)).toContain(`- at '${path}': `);
  });

  // What a JSON schema can't say, or only in words that nobody understands: the controller says it at its start.
  it.each([
    'removal: {gracePeriod: 31d}',
    'refresh: {atLifetimeFraction: 0.85}',
    'sweep: {schedule: 1 2 3 4 bad}',
    'profiles: {default: {registries: [123456789012.dkr.ecr.nowhere-1.amazonaws.com]}}',
  ])('leaves to the controller: %s', async (text) => {
    expect(faultsOf(text)).not.toEqual([]);
    expect(await judge(text)).toBe('');
  });
});

async function template(...args: readonly string[]) {
  return helm.run('template', 'x', CHART, '-s', 'templates/configmap.yaml', ...args);
}

/** What helm says of this configuration; nothing where it takes it. */
async function judge(text: string): Promise<string> {
  const file = join(helm.dir, 'values.yaml');
  await writeFile(file, stringify({ config: parse(text) as unknown }));
  const { code, output } = await template('-f', file);
  return code === 0 ? '' : output;
}

/** The examples of a page that are whole configurations. */
function examplesIn(page: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '../..', page), 'utf8');
  const keys = ['profiles', 'namespaces', 'refresh', 'removal', 'secretName', 'attach'];
  return [...text.matchAll(/```yaml\n([^]*?)```/g)]
    .map(([, example = '']) => example)
    .filter((example) => keys.some((key) => new RegExp(`^${key}:`, 'm').test(example)));
}

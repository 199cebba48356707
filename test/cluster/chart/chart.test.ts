/** The chart without a cluster: helm lint, helm-unittest, and invalid values. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { CHART, ciFiles, isMapping, readChartYaml } from '../../support/chart/chart.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { findProgram, HELM_UNITTEST } from '../../support/tools/go-tools.ts';
import { Helm } from '../../support/tools/helm.ts';
import { runTool } from '../../support/tools/run-tool.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const PROFILES = 'config.profiles';

let helm: Helm;
beforeAll(async () => {
  helm = await Helm.open();
});
closeAfterAll(() => [helm]);

describe('the chart', () => {
  it.each(['values.yaml', ...ciFiles()])('passes helm lint with %s', async (file) => {
    const { code, output } = await helm.run('lint', '--strict', CHART, '-f', join(CHART, file));

    expect(output.replaceAll(/^.*icon is recommended\n/gm, '')).not.toMatch(
      /\[(?:ERROR|WARNING)\]/,
    );
    expect(code).toBe(0);
  });

  it('passes its own suites, at least 30', async () => {
    const { code, output } = await runTool(await findProgram(HELM_UNITTEST), [
      '--color=false',
      CHART,
    ]);

    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    const [, suites = '0'] = /Test Suites: .*?(\d+) total/.exec(output) ?? [];
    expect(Number(suites)).toBeGreaterThanOrEqual(30);
  });
});

describe('a wrong value', () => {
  it('that is null, instead of any other, is refused with a clear message or does no harm', async () => {
    const paths = pathsOf(readChartYaml('values.yaml')[0]);
    const file = join(helm.dir, 'values.yaml');
    const raw: string[] = [];
    for (const path of paths) {
      await writeFile(file, stringify(nested(path)));
      const { output } = await helm.run('template', 'x', CHART, '-f', file, '-a', ...MONITORING);
      if (/nil pointer|error calling|wrong type|invalid memory/.test(output)) raw.push(output);
    }

    expect(raw).toEqual([]);
    expect(paths.length).toBeGreaterThan(140);
  });

  it.each([
    ['config.removal.gracePriod=1h', "- at '/config/removal': additional properties 'gracePriod'"],
    ['rbac.mode=namespaces', 'config.namespaces.only must list the namespaces'],
    ['replicaCount=two', "- at '/replicaCount': got string, want integer"],
    ['replica=2', "- at '': additional properties 'replica' not allowed"],
    [
      `${PROFILES}.default.registries={https://${HOST}}`,
      `- at '/config/profiles/default/registries/0': value must be 'only the host of an ECR registry, such as ${HOST}'`,
    ],
    [
      `${PROFILES}.team-a.registries={${HOST}}`,
      "- at '/config/profiles/team-a': missing property 'allowedNamespaces'",
    ],
  ])('%s is refused with its path', async (set, message) => {
    const { code, output } = await template('--set', set);

    expect([code, output]).toEqual([1, expect.stringContaining(message)]);
  });
});

const MONITORING = [
  'monitoring.coreos.com/v1/ServiceMonitor,monitoring.coreos.com/v1/PrometheusRule',
];

/** Of sections and of the values in them. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...path, key],
    ...pathsOf(inner, [...path, key]),
  ]);
}

function nested(path: readonly string[]): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), null);
}

async function template(...args: readonly string[]) {
  return helm.run('template', 'x', CHART, '-s', 'templates/configmap.yaml', ...args);
}

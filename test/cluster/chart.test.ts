/** The chart without a cluster: helm lint, helm-unittest, and values that no chart can take. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHART, ciFiles } from '../support/chart.ts';
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

describe('a wrong value', () => {
  it.each([
    ['config.removal.gracePriod=1h', "- at '/config/removal': additional properties 'gracePriod'"],
    ['rbac.mode=namespaces', 'config.namespaces.only must name the namespaces'],
  ])('%s is refused with its path', async (set, message) => {
    const { code, output } = await template('--set', set);

    expect([code, output]).toEqual([1, expect.stringContaining(message)]);
  });
});

async function template(...args: readonly string[]) {
  return helm.run('template', 'x', CHART, '-s', 'templates/configmap.yaml', ...args);
}

/** The chart under the oldest supported Helm and the newest: they validate the values with different libraries. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { CHART, ciFiles } from '../../support/chart/chart.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { OTHER_HELMS } from '../../support/tools/go-tools.ts';
import { Helm } from '../../support/tools/helm.ts';
import { REFUSED_CONFIGS, TAKEN_CONFIGS } from '../../support/values/chart-configs.ts';

describe.each(OTHER_HELMS)('helm $version', (tool) => {
  let helm: Helm;
  beforeAll(async () => {
    helm = await Helm.open(undefined, tool);
  });
  closeAfterAll(() => [helm]);

  /** Its error message; empty if it accepts the values. */
  async function refusalOf(file: string, ...flags: readonly string[]): Promise<string> {
    const cluster = ['--kube-version', '1.36.0'];
    const { code, stderr } = await helm.run(
      'template',
      'x',
      CHART,
      '-f',
      file,
      ...cluster,
      ...flags,
    );
    return code === 0 ? '' : `refused: ${stderr}`;
  }

  async function judge(text: string): Promise<string> {
    const file = join(helm.dir, 'values.yaml');
    await writeFile(file, stringify({ config: parse(text) as unknown }));
    const roles = text.includes('only:') ? ['--set', 'rbac.mode=namespaces'] : [];
    return refusalOf(file, '-s', 'templates/configmap.yaml', ...roles);
  }

  it.each(ciFiles())('renders the chart with %s', async (file) => {
    expect(await refusalOf(join(CHART, file))).toBe('');
  });

  it('accepts what the controller accepts', async () => {
    for (const text of TAKEN_CONFIGS) expect([text, await judge(text)]).toEqual([text, '']);
  });

  it('refuses what the controller refuses, with its path', async () => {
    for (const [text, path] of REFUSED_CONFIGS) {
      const refusal = await judge(text);

      // One prints /config/secretName, the other config.secretName.
      expect(`${text}: ${refusal.replaceAll('/', '.')}`).toContain(
        path.slice(1).replaceAll('/', '.'),
      );
      expect([text, refusal]).not.toEqual([text, '']);
    }
  });
});

/** The committed copies of what the chart renders are up to date. */
import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { INSTALL } from '../../support/cluster/install.ts';
import { namespaceRules } from '../../support/cluster/namespace-roles.ts';
import { renderChart, renderInstallation } from '../../support/chart/render-chart.ts';

it('manifests/install.yaml is what `npm run manifests` renders', async () => {
  expect(await readFile(INSTALL, 'utf8')).toBe(await renderInstallation());
});

it('the Role of tests on the simulator is that of the chart in each of the namespaces, without a ClusterRole', async () => {
  const config = { namespaces: { only: ['team-a', 'team-b'] } };
  const objects = await renderChart({ rbac: { mode: 'namespaces' }, config });
  const roles = objects.filter(({ kind }) => kind === 'Role');
  const work = roles.filter(({ metadata }) => !metadata.name.endsWith('-lease'));

  expect(work.map(({ metadata, rules }) => [metadata.namespace, rules])).toEqual(
    ['team-a', 'team-b'].map((name) => [name, namespaceRules(name, 'ecr-pull-secret')]),
  );
  expect(objects.filter(({ kind = '' }) => kind.startsWith('Cluster'))).toEqual([]);
});

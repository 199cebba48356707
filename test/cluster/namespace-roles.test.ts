/** The Role that tests on the simulator go by is the one that helm renders. */
import { expect, it } from '@jest/globals';
import { namespaceRules } from '../support/namespace-roles.ts';
import { renderChart } from '../support/render-chart.ts';

it('is the Role of the chart in each of the namespaces, and there is no ClusterRole', async () => {
  const config = { namespaces: { only: ['team-a', 'team-b'] } };
  const objects = await renderChart({ rbac: { mode: 'namespaces' }, config });
  const roles = objects.filter(({ kind }) => kind === 'Role');
  const work = roles.filter(({ metadata }) => !metadata.name.endsWith('-lease'));

  expect(work.map(({ metadata, rules }) => [metadata.namespace, rules])).toEqual(
    ['team-a', 'team-b'].map((name) => [name, namespaceRules(name, 'ecr-pull-secret')]),
  );
  expect(objects.filter(({ kind = '' }) => kind.startsWith('Cluster'))).toEqual([]);
});

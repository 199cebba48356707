/** The committed copies of what the chart renders are up to date. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { INSTALL } from '../../support/cluster/install.ts';
import type { Dashboard } from '../../support/chart/dashboard.ts';
import { namespaceRules } from '../../support/cluster/namespace-roles.ts';
import { alertNames } from '../../support/chart/alerts.ts';
import { renderChart, renderInstallation } from '../../support/chart/render-chart.ts';
import {
  alertsIn,
  PLAIN_DASHBOARD,
  PLAIN_RULES,
  renderMonitoring,
} from '../../support/chart/render-monitoring.ts';
import { findProgram, PROMTOOL } from '../../support/tools/go-tools.ts';
import { runTool } from '../../support/tools/run-tool.ts';

it('manifests/install.yaml is what `npm run manifests` renders', async () => {
  expect(await readFile(INSTALL, 'utf8')).toBe(await renderInstallation());
});

describe('manifests/monitoring', () => {
  it('is what `npm run manifests` renders', async () => {
    const [rules, dashboard] = [
      await readFile(PLAIN_RULES, 'utf8'),
      await readFile(PLAIN_DASHBOARD, 'utf8'),
    ];

    expect({ rules, dashboard }).toEqual(await renderMonitoring());
  });

  it('has all the alerts, in a form that promtool accepts', async () => {
    const promtool = await findProgram(PROMTOOL);
    const file = fileURLToPath(PLAIN_RULES);

    const { code } = await runTool(promtool, ['check', 'rules', '--lint-fatal', file]);
    expect(code).toBe(0);
    expect(alertsIn(await readFile(PLAIN_RULES, 'utf8'))).toEqual(alertNames());
  });

  it('has a dashboard that Grafana can import as it is', async () => {
    const { panels } = JSON.parse(await readFile(PLAIN_DASHBOARD, 'utf8')) as Dashboard;

    expect(panels.length).toBeGreaterThan(15);
  });
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

/** The chart's alerts: checked by Prometheus' own promtool, and against the metrics of two real replicas. */
import { readdirSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { expectedSeries, readAlerts, renderRules } from '../../support/chart/alerts.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { eventually } from '../../support/suite/eventually.ts';
import type { MetricsPage } from '../../support/process/metrics-page.ts';
import { LEASE_PATH, startReplica } from '../../support/cluster/replicas.ts';
import { Rig } from '../../support/cluster/rig.ts';
import { findProgram, PROMTOOL } from '../../support/tools/go-tools.ts';
import { Helm } from '../../support/tools/helm.ts';
import { runTool } from '../../support/tools/run-tool.ts';

const SCENARIOS = join(import.meta.dirname, './alerts');

describe('the rule file that the chart renders', () => {
  let helm: Helm;
  let rules: string;
  let promtool: string;
  beforeAll(async () => {
    helm = await Helm.open();
    promtool = await findProgram(PROMTOOL);
    rules = await renderRules(helm);
    await writeFile(join(helm.dir, 'rules.yaml'), rules);
  });
  closeAfterAll(() => [helm]);

  it('is valid, with every placeholder filled in', async () => {
    const { code, output } = await runTool(promtool, [
      'check',
      'rules',
      '--lint-fatal',
      join(helm.dir, 'rules.yaml'),
    ]);

    expect([code, output]).toEqual([0, expect.stringContaining('7 rules found')]);
    expect(rules).not.toMatch(/<[a-z-]+>/);
  });

  it.each(readdirSync(SCENARIOS))(
    'fires when it should, and not when it should not: %s',
    async (name) => {
      // Next to the rules, where promtool looks for them.
      await copyFile(join(SCENARIOS, name), join(helm.dir, name));
      const { code, output } = await runTool(promtool, ['test', 'rules', join(helm.dir, name)]);

      expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
    },
  );

  it('has scenarios for every alert', () => {
    const alerts = new Set(readAlerts().map(({ alert }) => alert.replace('EcrPullSecrets', '')));
    const files = readdirSync(SCENARIOS).map((name) =>
      name
        .replace('.yaml', '')
        .replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );

    expect(new Set(files)).toEqual(alerts);
  });
});

describe('the series of the alerts', () => {
  let rig: Rig;
  let leader: MetricsPage;
  let standby: MetricsPage;
  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared' });
    await rig.admin.delete(LEASE_PATH);
    const first = await startReplica(rig);
    await first.logged('leading');
    const second = await startReplica(rig);
    await rig.optInAndWait('alerted');
    leader = await eventually(
      { what: 'a scrape with the new Secret', limitMs: 10_000 },
      async () => {
        const page = await first.metrics();
        return page.value('ecr_pull_secrets_secret_entries') === undefined ? undefined : page;
      },
    );
    standby = await second.metrics();
  });
  closeAfterAll(
    () => [rig],
    () => rig.admin.delete(LEASE_PATH),
  );

  it.each(expectedSeries())('are reported by the leader: $name by $labels', ({ name, labels }) => {
    expect(leader.labelsOf(name)).toEqual(expect.arrayContaining([...labels]));
    expect(leader.value(name)).toBeDefined();
  });

  it('are reported by a standby only if they are about itself', () => {
    const reported = expectedSeries().filter(({ name }) => standby.value(name) !== undefined);

    expect(reported.map(({ name }) => name).sort()).toEqual([
      'ecr_pull_secrets_config_valid',
      'ecr_pull_secrets_informer_synced',
      'ecr_pull_secrets_watch_last_event_timestamp_seconds',
    ]);
  });
});

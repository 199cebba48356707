/** The chart's alerts: checked by Prometheus' own promtool, and against the metrics of a standby. */
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { alertedSeries, alertNames, renderRules } from '../../support/chart/alerts.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { LEASE_PATH, startReplica } from '../../support/cluster/replicas.ts';
import { Rig } from '../../support/cluster/rig.ts';
import { findProgram, PROMTOOL } from '../../support/tools/go-tools.ts';
import { Helm } from '../../support/tools/helm.ts';
import { runTool } from '../../support/tools/run-tool.ts';

const SCENARIOS = join(import.meta.dirname, './alerts');

/** A test file of promtool. */
interface ScenarioFile {
  readonly tests: readonly {
    readonly promql_expr_test?: readonly { readonly exp_samples?: readonly unknown[] }[];
    readonly alert_rule_test?: readonly { readonly exp_alerts?: readonly unknown[] }[];
  }[];
}

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

    expect([code, output]).toEqual([0, expect.stringContaining('20 rules found')]);
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

  it.each(readdirSync(SCENARIOS))('has in %s both that it fires and that it is silent', (name) => {
    const { tests } = parse(readFileSync(join(SCENARIOS, name), 'utf8')) as ScenarioFile;
    const checks = tests.flatMap(({ promql_expr_test = [], alert_rule_test = [] }) => [
      ...promql_expr_test.map(({ exp_samples = [] }) => exp_samples.length),
      ...alert_rule_test.map(({ exp_alerts = [] }) => exp_alerts.length),
    ]);

    expect(checks.some((expected) => expected > 0)).toBe(true);
    expect(checks.some((expected) => expected === 0)).toBe(true);
  });

  it('has scenarios for every alert', () => {
    const alerts = new Set(alertNames().map((alert) => alert.replace('EcrPullSecrets', '')));
    const files = readdirSync(SCENARIOS).map((name) =>
      name
        .replace('.yaml', '')
        .replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );

    expect(new Set(files)).toEqual(alerts);
  });
});

it('a standby reports only what is about itself', async () => {
  const rig = await Rig.open({ controlPlane: 'shared' });
  try {
    await rig.admin.delete(LEASE_PATH);
    const leader = await startReplica(rig);
    await leader.logged('leading');
    const standby = await startReplica(rig);
    await rig.optInAndWait('alerted');
    const page = await standby.metrics();
    const reported = alertedSeries().filter((name) => page.value(name) !== undefined);

    expect(reported.sort()).toEqual([
      'ecr_pull_secrets_clock_offset_seconds',
      'ecr_pull_secrets_config_valid',
      'ecr_pull_secrets_informer_synced',
      'ecr_pull_secrets_paused',
      'ecr_pull_secrets_token_requests_total',
      'ecr_pull_secrets_watch_last_event_timestamp_seconds',
      'ecr_pull_secrets_writes_total',
      'leader_election_master_status',
      'process_start_time_seconds',
      'workqueue_depth',
    ]);
  } finally {
    await rig.close();
  }
});

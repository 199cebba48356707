/** A real Prometheus with the chart's rules scrapes two real replicas: the dashboard shows data, and alerts fire and resolve. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { hasten, renderRules } from '../../support/chart/alerts.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import type { ControllerProcess } from '../../support/process/controller-process.ts';
import {
  asSent,
  type Dashboard,
  type Panel,
  renderDashboard,
} from '../../support/chart/dashboard.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { startReplica } from '../../support/cluster/replicas.ts';
import { Rig } from '../../support/cluster/rig.ts';
import { Helm } from '../../support/tools/helm.ts';
import { Prometheus } from '../../support/tools/prometheus.ts';

const HOUR_MS = 3_600_000;
const FAILING = ['critical', 'warning'].map(
  (level) => `EcrPullSecretsTokenMintFailing/${level}/default`,
);
const SOON = 'EcrPullSecretsExpirySoon/critical/default';
const ABSENT = 'EcrPullSecretsControllerAbsent/critical/-';

let rig: Rig;
let replicas: readonly ControllerProcess[];
let prometheus: Prometheus;
let dashboard: Dashboard;
beforeAll(async () => {
  const helm = await Helm.open();
  const rules = await renderRules(helm);
  dashboard = await renderDashboard(helm);
  await helm.close();
  // An empty cluster, so that every alert is caused by this test.
  rig = await Rig.open({ controlPlane: 'own' });
  replicas = [await startReplica(rig), await startReplica(rig)];
  const targets = replicas.map(async (replica, index) => {
    const { port } = await replica.logged('started');
    return { port: Number(port), labels: { namespace: 'ops', pod: `eps-${index}` } };
  });
  prometheus = await Prometheus.start(hasten(rules), await Promise.all(targets));
});
closeAfterAll(() => [prometheus, rig]);

describe('alerts in a real Prometheus', () => {
  it('fire and resolve with the responses of AWS', async () => {
    rig.aws.ecrMode = { kind: 'server-error' };
    await rig.optIn('alerting');
    await until('the mint fails', (firing) => FAILING.every((alert) => firing.includes(alert)));

    rig.aws.tokenLifeMs = HOUR_MS;
    rig.aws.ecrMode = { kind: 'ok' };
    await until('the token is short-lived', (firing) => firing.join() === SOON);
  });
});

describe('the dashboard', () => {
  it('has a series for every query when a Secret exists and a namespace has a Warning', async () => {
    await rig.optIn('shown');
    await rig.optIn('warned', { 'service-accounts': 'A B' });
    await rig.untilReady('shown');
    const queries = targetsOf(dashboard).map(({ expr }) => asSent(expr));

    expect(queries.length).toBeGreaterThanOrEqual(20);
    await eventually({ what: 'series for all', limitMs: 60_000, everyMs: 1_000 }, async () => {
      expect(await withoutSeries(queries)).toEqual([]);
      return true;
    });
  });

  it('names its lines after labels that the series have', async () => {
    const named = targetsOf(dashboard).filter(({ legendFormat }) => legendFormat.includes('{{'));

    for (const { expr, legendFormat } of named) {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      for (const series of await prometheus.query(asSent(expr))) {
        expect([expr, new Set(Object.keys(series))]).toEqual([expr, new Set(labels)]);
      }
    }
    expect(named.length).toBeGreaterThan(8);
  });

  it('describes every panel, and overlaps none', () => {
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    const cells = dashboard.panels.flatMap(cellsOf);

    expect(panels.filter(({ description = '' }) => description === '')).toEqual([]);
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});

describe('with no replica left', () => {
  it('exactly one alert fires', async () => {
    await Promise.all(replicas.map(async (replica) => replica.kill()));
    await until('nobody leads', (firing) => firing.join() === ABSENT);
  });
});

async function withoutSeries(queries: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(queries.map(async (query) => prometheus.query(query)));
  return queries.filter((_, index) => answers[index]?.length === 0);
}

function targetsOf({ panels }: Dashboard) {
  return panels.flatMap(({ targets = [] }) => targets);
}

function cellsOf({ gridPos: { x, y, w, h } }: Panel): readonly string[] {
  return Array.from(
    { length: w * h },
    (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`,
  );
}

async function until(what: string, isSo: (firing: readonly string[]) => boolean): Promise<void> {
  await eventually({ what, limitMs: 60_000, everyMs: 200 }, async () => {
    const firing = await prometheus.firing();
    if (isSo(firing)) return true;
    throw new Error(`firing: ${firing.join(', ')}`);
  });
}

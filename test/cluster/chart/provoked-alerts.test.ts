/**
 * Each alert of the chart is provoked by a real cause and seen in a real Prometheus: the program runs as a process against
 * a cluster of its own, served over HTTPS. The label `cluster` tells them apart, as in a Prometheus for several clusters.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AlertWorld } from '../../support/chart/alert-world.ts';
import { alertNames, hasten, renderRules } from '../../support/chart/alerts.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { Helm } from '../../support/tools/helm.ts';
import { Prometheus } from '../../support/tools/prometheus.ts';

type Provoke = (world: AlertWorld, cluster: string) => Promise<void>;

const REFERENCE = { kind: 'ServiceAccount', namespace: 'team', name: 'default' } as const;
const SECRET = { kind: 'Secret', namespace: 'team', name: 'ecr-pull-secret' } as const;
const LIMIT_MS = 90_000;
const HALF_A_MINUTE_MS = 30_000;

/** By the alert's name without its prefix. */
const CAUSES: Readonly<Record<string, Provoke>> = {
  ControllerAbsent: async (world, cluster) => {
    await world.lead();
    await untilSeen(`ecr_pull_secrets_managed_namespaces{cluster="${cluster}"} == 0`);
    await world.replica.kill();
  },
  NoLeader: async (world) => {
    await world.lead();
    world.answer(403, ({ method, path }) => method !== 'GET' && path.includes('/leases/'));
  },
  LeaderFlapping: async (world, cluster) => {
    await world.lead();
    const isLeading = (value: number) =>
      untilSeen(`leader_election_master_status{cluster="${cluster}"} == ${value}`);
    for (let times = 0; times < 4; times += 1) {
      await isLeading(1);
      world.pause('test');
      await isLeading(0);
      world.pause(null);
    }
    await isLeading(1);
  },
  HighRestartRate: async (world, cluster) => {
    for (let starts = 0; starts < 5; starts += 1) {
      await world.start();
      await world.replica.ready();
      const startedAt = (await world.replica.metrics()).value('process_start_time_seconds');
      await untilSeen(`process_start_time_seconds{cluster="${cluster}"} == ${String(startedAt)}`);
      if (starts < 4) await world.replica.kill();
    }
  },
  ExpirySoon: async (world) => {
    world.aws.tokenLifeMs = 3_600_000;
    await world.lead();
    world.optIn('team');
  },
  Expired: async (world) => {
    world.aws.tokenLifeMs = 15_000;
    await world.lead();
    world.optIn('team');
    await world.untilSecretsIn('team');
    world.aws.ecrMode = { kind: 'hang' };
  },
  SecretsMissing: async (world) => world.failAt('hang'),
  TokenMintFailing: async (world) => world.failAt('server-error'),
  AccessDenied: async (world) => world.failAt('deny'),
  WritesFailing: async (world) =>
    failWrites(world, ...Array.from({ length: 20 }, (_, n) => `team-${n}`)),
  WatchStalled: async (world) => {
    world.answer(403, ({ path }) => path.endsWith('/secrets'));
    await world.start();
  },
  ConfigInvalid: async (world) => {
    await world.lead();
    await world.replica.changeConfig('removal: {gracePeriod: soon}');
  },
  QueueBacklog: async (world) => {
    await world.lead('kubernetes: {qps: 1, burst: 1}');
    world.optIn(...Array.from({ length: 150 }, (_, n) => `team-${n}`));
  },
  NamespaceInTrouble: async (world) => {
    await world.lead();
    world.optIn('team');
    world.annotate('team', { 'ecr-pull-secrets.io/service-accounts': 'A B' });
  },
  OwnershipConflict: async (world) => {
    await world.lead();
    world.kubectl.createNamespace('team');
    world.kubectl.create(SECRET, { type: 'Opaque' });
    world.annotate('team', { 'ecr-pull-secrets.io/enabled': 'true' });
  },
  AttachWar: async (world) => {
    await world.lead();
    world.optIn('team');
    await world.untilSecretsIn('team');
    // It repairs three times at once.
    for (let times = 0; times < 4; times += 1) {
      await eventually({ what: 'the reference', limitMs: HALF_A_MINUTE_MS }, () =>
        isAttached(world),
      );
      world.kubectl.patch(REFERENCE, { imagePullSecrets: null });
    }
  },
  RemovalBrakeEngaged: async (world) => {
    const teams = Array.from({ length: 7 }, (_, n) => `team-${n}`);
    await world.lead();
    world.optIn(...teams);
    await world.untilSecretsIn(...teams);
    world.optOut(...teams);
  },
  // The cluster has no policies. The program asks a minute after it has begun to lead, and again a minute later.
  GuardNotInEffect: async (world) => world.start('', '--guard', 'expected'),
  ClockSkew: async (world) => {
    const date = new Date(Date.now() + 120_000).toUTCString();
    world.aws.script = () => ({ status: 400, body: '{}', headers: { date } });
    await world.lead();
    world.optIn('team');
  },
};

/** What the alert says beside its name, where that decides who gets it. */
const LABELS: Readonly<Record<string, object>> = {
  NamespaceInTrouble: { namespace: 'team', reason: 'InvalidAnnotation' },
  ClockSkew: { source: 'aws' },
};

/** Takes two minutes, so it begins first. */
const SLOW = 'GuardNotInEffect';
/** In this cluster every write of a Secret is answered with 500, which may pass by itself. */
const SILENT = 'silent';

let prometheus: Prometheus | undefined;
let telling: Promise<unknown> | undefined;
const worlds = new Map<string, AlertWorld>();

beforeAll(async () => {
  const helm = await Helm.open();
  const rules = await renderRules(helm);
  await helm.close();
  prometheus = await Prometheus.start(hasten(rules), []);
  const healthy = await open('healthy');
  await healthy.lead();
  healthy.optIn('team');
  await CAUSES[SLOW]?.(await open(SLOW), SLOW);
  await failWrites(await open(SILENT), 'team');
  telling = untilFailuresAreTold();
  // The test that waits for it looks at the failure.
  telling.catch(() => undefined);
});
afterAll(async () => {
  await Promise.all([...worlds.values()].map(async (world) => world.close()));
  await prometheus?.stop();
});

describe('alerts of the chart', () => {
  it('have a cause each', () => {
    const named = Object.keys(CAUSES).map((name) => `EcrPullSecrets${name}`);

    expect(named.sort()).toEqual([...alertNames()].sort());
  });

  it.each(Object.entries(CAUSES).filter(([name]) => name !== SLOW))(
    'are provoked: %s',
    async (name, provoke) => {
      const world = await open(name);
      await provoke(world, name);
      await untilFiring(name);
      worlds.delete(name);
      await scrapeAll();
      await world.close();
    },
    2 * LIMIT_MS,
  );

  it(`are provoked: ${SLOW}`, async () => untilFiring(SLOW, 2 * LIMIT_MS), 2 * LIMIT_MS);

  it(
    'tell a team within three minutes that writes in its namespace fail',
    async () => {
      expect(await telling).toBe(true);
    },
    2 * LIMIT_MS,
  );

  it('are silent where nothing is wrong', async () => {
    const series = await prometheus?.query(
      'ecr_pull_secrets_managed_namespaces{cluster="healthy"}',
    );

    expect(series).toHaveLength(1);
    expect(await firingIn('healthy')).toEqual([]);
  });
});

async function open(cluster: string): Promise<AlertWorld> {
  const world = await AlertWorld.open();
  worlds.set(cluster, world);
  await scrapeAll();
  return world;
}

async function scrapeAll(): Promise<void> {
  const targets = [...worlds].map(([cluster, { port }]) => ({
    port,
    labels: { cluster, namespace: 'ops', pod: 'eps-0' },
  }));
  await prometheus?.scrape(targets);
}

async function untilSeen(query: string): Promise<void> {
  await eventually({ what: query, limitMs: HALF_A_MINUTE_MS, everyMs: 200 }, async () => {
    const found = await prometheus?.query(query);
    return found !== undefined && found.length > 0;
  });
}

async function firingIn(cluster: string) {
  const alerts = (await prometheus?.firingAlerts()) ?? [];
  return alerts.filter((labels) => labels['cluster'] === cluster);
}

async function untilFiring(name: string, limitMs = LIMIT_MS): Promise<void> {
  const labels = { alertname: `EcrPullSecrets${name}`, ...LABELS[name] };
  const found = await eventually({ what: name, limitMs, everyMs: 500 }, async () => {
    const firing = await firingIn(name);
    return firing.find(({ alertname }) => alertname === labels.alertname);
  });
  expect(found).toMatchObject(labels);
}

async function failWrites(world: AlertWorld, ...namespaces: readonly string[]): Promise<void> {
  await world.lead();
  world.answer(500, ({ method, path }) => method === 'PATCH' && path.includes('/secrets/'));
  world.optIn(...namespaces);
}

async function untilFailuresAreTold(): Promise<unknown> {
  const limitMs = 2 * LIMIT_MS;
  return eventually({ what: 'the alert about writes', limitMs, everyMs: 500 }, async () => {
    const firing = await firingIn(SILENT);
    const reasons = firing.filter(({ namespace }) => namespace === 'team');
    return reasons.some(({ reason }) => reason === 'WriteFailing');
  });
}

function isAttached(world: AlertWorld): boolean {
  return world.kubectl.get(REFERENCE)?.['imagePullSecrets'] !== undefined;
}

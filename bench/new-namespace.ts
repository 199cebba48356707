/**
 * How long a new namespace waits: from the moment when our watch shows its `default` ServiceAccount until our watches
 * have shown the pull secret and the reference. Measured for the controller and for a bare client that sends both
 * writes at once, alternately, so that noise on the machine affects both.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { applySecret, patchAccount, type SecretTemplate, templateOf } from './bare-writes.ts';
import { BenchCluster } from './bench-cluster.ts';
import { namesOf, PULL_SECRET } from './bench-names.ts';
import type { BenchOptions } from './bench-options.ts';
import { atMost, type Figure, plain } from './figures.ts';
import { percentile } from './percentiles.ts';

/** Remaining work for one namespace (another pass, an Event) must not count towards the next one's time. */
const SETTLE_MS = 50;
const WARM_UP = 5;

export async function benchNewNamespace(options: BenchOptions): Promise<readonly Figure[]> {
  const cluster = await BenchCluster.open(options);
  try {
    const controller = await cluster.startController(undefined);
    await controller.ready();
    const template = await warmUp(cluster);
    const ours: number[] = [];
    const bare: number[] = [];
    for (const number of namesOf('', options.newcomers)) {
      ours.push(await byController(cluster, `new${number}`));
      bare.push(await byBareClient(cluster, `bare${number}`, template));
    }
    await controller.stop();
    return figuresOf(ours, bare);
  } finally {
    await cluster.close();
  }
}

/** Keeps first requests and the single mint out of the measurement. */
async function warmUp(cluster: BenchCluster): Promise<SecretTemplate> {
  const [first = '', ...others] = namesOf('warm', WARM_UP);
  await byController(cluster, first);
  const secret = await cluster.rig.admin.get(`/api/v1/namespaces/${first}/secrets/${PULL_SECRET}`);
  const template = templateOf(secret);
  for (const name of others) {
    await byController(cluster, name);
    await byBareClient(cluster, `bare-${name}`, template);
  }
  return template;
}

async function byController(cluster: BenchCluster, name: string): Promise<number> {
  await cluster.createNamespace(name, 'optedIn');
  return latencyOf(cluster, name);
}

async function byBareClient(
  cluster: BenchCluster,
  name: string,
  template: SecretTemplate,
): Promise<number> {
  const { admin } = cluster.rig;
  const written = cluster.arrivals.accounts([name]).then(async ([account]) => {
    if (account === undefined) throw new Error(`${name} has no ServiceAccount`);
    await Promise.all([applySecret(admin, name, template), patchAccount(admin, account)]);
  });
  await cluster.createNamespace(name, 'other');
  await written;
  return latencyOf(cluster, name);
}

async function latencyOf(cluster: BenchCluster, name: string): Promise<number> {
  await cluster.arrivals.untilReady([name]);
  await delay(SETTLE_MS);
  return cluster.arrivals.latencyOf(name);
}

function figuresOf(ours: readonly number[], bare: readonly number[]): readonly Figure[] {
  const shares = [0.5, 0.95, 0.99];
  const ratio = (share: number): number => percentile(ours, share) / percentile(bare, share);
  return [
    ...shares.map((share) => {
      const [a, b] = [percentile(ours, share), percentile(bare, share)];
      const value = `${a.toFixed(1)} ms / ${b.toFixed(1)} ms`;
      return { name: `new namespace p${share * 100}, ours / bare client`, value };
    }),
    atMost('new namespace p50, ratio', ratio(0.5), 2, ''),
    atMost('new namespace p95, ratio', ratio(0.95), 3, ''),
    plain('new namespace p99, ratio', ratio(0.99), ''),
  ];
}

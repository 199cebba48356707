/** How much memory unrelated Secrets add to the controller, and what a restart over a good state writes and mints. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchCluster } from './bench-cluster.ts';
import type { BenchOptions } from './bench-options.ts';
import { configWith } from './cold-start.ts';
import { atMost, type Figure, plain } from './figures.ts';
import type { Budget } from './pace.ts';
import { median } from './percentiles.ts';
import { readProcessUsage } from './process-usage.ts';
import { inParallel } from '../src/base/in-parallel.ts';

const SECRET_BYTES = 20 * 1024;
const NAMESPACE = 'unrelated';
/** By then every namespace has been reconciled. */
const SETTLE_MS = 5000;
/** Runs of the same program differ by more than this; caching the content of the Secrets would add 20 times as much. */
const NOTHING_MB = 5;

export async function benchUnrelatedSecrets(
  cluster: BenchCluster,
  { unrelatedSecrets: count, restarts }: BenchOptions,
  budget: Budget,
): Promise<readonly Figure[]> {
  const startedAt = new Date();
  const mintsBefore = cluster.rig.aws.calls.length;
  const without = await peaksOf(cluster, restarts, budget);
  await createUnrelated(cluster, count);
  const withUnrelated = await peaksOf(cluster, restarts, budget);
  const requests = await cluster.controllerRequests(startedAt);
  const writes = requests.filter(({ verb }) => ['create', 'patch', 'delete'].includes(verb));
  return [
    plain('restart over the same state: peak RSS', median(without), 'MB'),
    atMost('  writes', writes.length, 0, ''),
    atMost('  ECR calls', cluster.rig.aws.calls.length - mintsBefore, 0, ''),
    atMost(
      `${count} unrelated Secrets of 20 KiB add`,
      median(withUnrelated) - median(without),
      NOTHING_MB,
      'MB',
    ),
  ];
}

async function peaksOf(cluster: BenchCluster, starts: number, budget: Budget): Promise<number[]> {
  const peaks: number[] = [];
  while (peaks.length < starts) {
    const controller = await cluster.startController(configWith(budget));
    await controller.ready();
    await delay(SETTLE_MS);
    peaks.push((await readProcessUsage(controller.pid)).peakRssMb);
    await controller.stop();
  }
  return peaks;
}

async function createUnrelated(cluster: BenchCluster, count: number): Promise<void> {
  await cluster.createNamespace(NAMESPACE, 'other');
  const data = { content: Buffer.alloc(SECRET_BYTES, 'x').toString('base64') };
  const numbers = Array.from({ length: count }, (_, index) => index);
  await inParallel(numbers, { atOnce: 16 }, async (number) =>
    cluster.rig.admin.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
      metadata: { name: `unrelated-${number}` },
      data,
    }),
  );
}

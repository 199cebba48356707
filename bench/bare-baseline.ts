/** The time that a bare client needs for the writes of the cold start, over as many other namespaces. */
import { performance } from 'node:perf_hooks';
import { runBareClient } from './bare-client-run.ts';
import { templateOf } from './bare-writes.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { namesOf, PULL_SECRET } from './bench-names.ts';
import type { ColdStart } from './cold-start.ts';
import { atMost, type Figure, plain } from './figures.ts';
import type { Budget } from './pace.ts';

/** As many as the controller has workers. */
const AT_A_TIME = 16;
const RATIO_TARGET = 1.3;

/** Needs the cold start's Secrets, for what they hold. */
export async function benchBareClient(
  cluster: BenchCluster,
  count: number,
  budget: Budget,
  coldStart: ColdStart,
): Promise<readonly Figure[]> {
  const [example = ''] = namesOf('cold', 1);
  const path = `/api/v1/namespaces/${example}/secrets/${PULL_SECRET}`;
  const names = namesOf('bare', count);
  await cluster.createNamespaces(names, 'other');
  const report = await runBareClient({
    kubeconfig: cluster.rig.controlPlane.adminKubeconfig,
    accounts: await cluster.arrivals.accounts(names),
    template: templateOf(await cluster.rig.admin.get(path)),
    budget,
    atATime: AT_A_TIME,
  });
  const readyAt = await cluster.arrivals.untilReady(names);
  const readyMs = performance.timeOrigin + readyAt - report.beganAtMs;
  return [
    plain(`bare client: ${2 * count} writes, first write to all seen`, readyMs / 1000, 's'),
    plain('  CPU', report.cpuMs / 1000, 's'),
    atMost('cold start / bare client, time', coldStart.readyMs / readyMs, RATIO_TARGET, ''),
    plain('cold start / bare client, CPU', coldStart.cpuMs / report.cpuMs, ''),
  ];
}

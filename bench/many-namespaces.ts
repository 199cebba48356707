/** Runs all benchmarks that need a cluster with many namespaces, in an order in which they don't distort each other. */
import { templateOf } from './bare-writes.ts';
import { BenchCluster } from './bench-cluster.ts';
import { namesOf, PULL_SECRET } from './bench-names.ts';
import type { BenchOptions } from './bench-options.ts';
import { BUDGET, coldStart, describeColdStart } from './cold-start.ts';
import type { Figure } from './figures.ts';
import { benchIdle } from './idle.ts';
import { benchRounds } from './rounds.ts';
import { benchUnrelatedSecrets } from './unrelated-secrets.ts';
import { warmUpServer } from './warm-up.ts';

export async function benchManyNamespaces(options: BenchOptions): Promise<readonly Figure[]> {
  const { namespaces: count, rounds, restarts } = options;
  const cluster = await BenchCluster.open(options);
  try {
    await warmUpServer(cluster, BUDGET);
    const names = { optedIn: namesOf('cold', count), others: namesOf('bare', count) };
    await cluster.createNamespaces(names.optedIn, 'optedIn');
    const first = await coldStart(cluster, names.optedIn, BUDGET);
    const figures = [...(await describeColdStart(cluster, count, first))];
    figures.push(...(await benchIdle(cluster, first.controller, count, options.idleMs)));
    await first.controller.stop();

    // Only now, so that the first controller's memory contained nothing of these.
    await cluster.createNamespaces(names.others, 'other');
    const path = `/api/v1/namespaces/${names.optedIn[0]}/secrets/${PULL_SECRET}`;
    const template = templateOf(await cluster.rig.admin.get(path));
    const about = { names, template, budget: BUDGET, first, rounds };
    figures.push(...(await benchRounds(cluster, about)));
    if (restarts > 0) figures.push(...(await benchUnrelatedSecrets(cluster, options, BUDGET)));
    return figures;
  } finally {
    await cluster.close();
  }
}

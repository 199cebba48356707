/** A quota refuses every Secret, large as they are, in 100 namespaces. */
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../src/base/in-parallel.ts';
import { leaseOf } from '../../test/support/cluster/replicas.ts';
import { namesOf } from '../bench-names.ts';
import { atMost, type Figure, plain } from '../figures.ts';
import { type NeighboursOptions, TwoReplicas } from './two-replicas.ts';

const COUNT = 100;
const HOSTS = 60;
const EVERY_MS = 15_000;
const LONGEST = 'ecr_pull_secrets_event_loop_longest_delay_seconds';
const MOST_DELAY_MS = 50;

export async function benchRefusedWrites(options: NeighboursOptions): Promise<readonly Figure[]> {
  const hosts = Array.from(
    { length: HOSTS },
    (_, n) => `${100_000_000_000 + n}.dkr.ecr.eu-west-1.amazonaws.com`,
  );
  const config = JSON.stringify({ profiles: { default: { registries: hosts } } });
  const about = await TwoReplicas.start(options, { config });
  const { rig } = about.cluster;
  const names = namesOf('full', COUNT);
  try {
    await about.cluster.createNamespaces(names, 'other');
    await inParallel(names, { atOnce: 16 }, async (name) => {
      const quota = { metadata: { name: 'none' }, spec: { hard: { secrets: '0' } } };
      const path = `/api/v1/namespaces/${name}/resourcequotas`;
      await rig.admin.create(path, quota);
      // Here, no controller counts what is used.
      const status = { hard: quota.spec.hard, used: quota.spec.hard };
      await rig.admin.mergePatch(`${path}/none/status`, { status });
    });
    // What happened before is no longer in the metric.
    await delay(60_000);
    const before = await leaseOf(rig);
    await about.optIn(names);
    const delays: number[] = [];
    for (let waitedMs = 0; waitedMs < options.lastMs; waitedMs += EVERY_MS) {
      await delay(EVERY_MS);
      delays.push(((await about.leader.metrics()).value(LONGEST) ?? NaN) * 1000);
    }
    const changes =
      ((await leaseOf(rig))?.leaseTransitions ?? NaN) - (before?.leaseTransitions ?? NaN);
    const stalled = (await about.leader.metrics()).value('ecr_pull_secrets_namespaces_stalled');
    return [
      atMost(
        `a quota refuses Secrets with ${HOSTS} hosts in ${COUNT} namespaces: longest delay`,
        Math.max(...delays),
        MOST_DELAY_MS,
        'ms',
      ),
      atMost(`  changes of leader in ${options.lastMs / 60_000} minutes`, changes, 0, ''),
      plain('  namespaces stalled', stalled ?? NaN, ''),
    ];
  } finally {
    await about.close();
  }
}

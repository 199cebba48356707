/** Every write of a Secret fails or hangs for minutes: who learns of it, and when all is well again. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../test/support/suite/eventually.ts';
import { namesOf } from '../bench-names.ts';
import { atMost, type Figure, plain } from '../figures.ts';
import { BadWebhook } from './bad-webhook.ts';
import { RECOVERY_MS } from './hanging.ts';
import { type NeighboursOptions, TwoReplicas } from './two-replicas.ts';

const COUNT = 20;
const NOTICED_MS = 180_000;
const STALLED = 'ecr_pull_secrets_namespaces_stalled';

export async function benchFailingWrites(options: NeighboursOptions): Promise<readonly Figure[]> {
  return [
    ...(await benchOne(options, 'answers 500', undefined)),
    ...(await benchOne(options, 'hangs', 30)),
  ];
}

async function benchOne(
  options: NeighboursOptions,
  how: string,
  hangSeconds: number | undefined,
): Promise<readonly Figure[]> {
  const about = await TwoReplicas.start(options);
  const { leader, cluster } = about;
  const { admin } = cluster.rig;
  const names = namesOf('team', COUNT);
  const isTold = async (name: string): Promise<boolean> => {
    const events = await admin.list(`/api/v1/namespaces/${name}/events`);
    return events.some(({ reason }) => reason === 'WriteFailing');
  };
  try {
    await cluster.createNamespaces(names, 'other');
    const webhook = await BadWebhook.install(admin, { prefix: '', hangSeconds });
    await about.optIn(names);
    const startedAt = performance.now();
    const after = async (what: string, isSo: () => Promise<boolean>): Promise<number> => {
      await eventually({ what, limitMs: 2 * NOTICED_MS, everyMs: 500 }, isSo);
      return performance.now() - startedAt;
    };
    const [events, metric, warning] = await Promise.all([
      after('an Event in each', async () => (await Promise.all(names.map(isTold))).every(Boolean)),
      after('the metric', async () => {
        const metrics = await leader.metrics();
        return metrics.value(STALLED, { reason: 'WriteFailing' }) === COUNT;
      }),
      after('a warning', () => Promise.resolve(warningsOf(about) > 0)),
    ]);
    await delay(Math.max(0, options.lastMs - (performance.now() - startedAt)));
    const warnings = warningsOf(about);
    await webhook.remove();
    const recovered = await about.untilReady(names);
    return [
      atMost(`every write of a Secret ${how}: Event in all of ${COUNT}`, events, NOTICED_MS, 'ms'),
      atMost('  metric', metric, NOTICED_MS, 'ms'),
      atMost('  warning', warning, NOTICED_MS, 'ms'),
      plain('  warnings until the end', warnings, ''),
      atMost('  all well after the end', recovered, RECOVERY_MS, 'ms'),
    ];
  } finally {
    await about.close();
  }
}

function warningsOf({ leader }: TwoReplicas): number {
  return leader.log.filter(({ msg }) => msg === 'namespace is stalled').length;
}

/** A webhook hangs for the Secrets of hundreds of namespaces, beside namespaces that are well. */
import { setTimeout as delay } from 'node:timers/promises';
import { namesOf } from '../bench-names.ts';
import { atMost, type Figure, plain } from '../figures.ts';
import { BadWebhook } from './bad-webhook.ts';
import { MOST_WAIT_MS, type NeighboursOptions, TwoReplicas, waitFigure } from './two-replicas.ts';

const SAMPLES = 20;
/** What is well again within a minute of the end. */
export const RECOVERY_MS = 60_000;

export async function benchHanging(options: NeighboursOptions): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { namespaces, hangSeconds } of options.hanging) {
    figures.push(...(await benchOne(options, namespaces, hangSeconds)));
  }
  return figures;
}

async function benchOne(
  options: NeighboursOptions,
  count: number,
  hangSeconds: number,
): Promise<readonly Figure[]> {
  const about = await TwoReplicas.start(options);
  const bad = namesOf('bad', count);
  const well = namesOf('well', SAMPLES + 1);
  try {
    await about.cluster.createNamespaces(['first', ...bad, ...well, 'last'], 'other');
    // So that nobody waits for the first token.
    await about.newcomers(['warm-up']);
    const webhook = await BadWebhook.install(about.cluster.rig.admin, {
      prefix: 'bad-',
      hangSeconds,
    });
    const half = count / 2;
    await about.optIn(['first', ...bad.slice(0, half), ...well, ...bad.slice(half), 'last']);
    const [ends, middle] = await Promise.all([
      about.untilReady(['first', 'last']),
      about.untilReady(well),
    ]);
    await delay(options.lastMs);
    const newcomers = await about.newcomers(namesOf('new', SAMPLES));
    const repairs = await about.repairs(well.slice(0, SAMPLES));
    await about.changeLeader();
    const afterChange = [
      ...(await about.newcomers(['next-leader'])),
      ...(await about.repairs(well.slice(SAMPLES))),
    ];
    await webhook.remove();
    const recovered = await about.untilReady(bad);
    const title = `${count} namespaces whose writes hang ${hangSeconds} s`;
    return [
      atMost(`${title}: opted in first and last of them`, ends, MOST_WAIT_MS, 'ms'),
      plain('  in their middle, where nothing tells them apart', middle, 'ms'),
      waitFigure(`new namespace after ${options.lastMs / 60_000} minutes`, newcomers),
      waitFigure('repair', repairs),
      waitFigure('both, right after a change of leader', afterChange),
      atMost('  all well after the end', recovered, RECOVERY_MS, 'ms'),
    ];
  } finally {
    await about.close();
  }
}

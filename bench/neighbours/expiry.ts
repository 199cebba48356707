/** 400 namespaces whose writes hang, beside 200 whose tokens live ten minutes. */
import { setTimeout as delay } from 'node:timers/promises';
import { noteOf } from '../../test/support/cluster/opted-in.ts';
import { namesOf, PULL_SECRET } from '../bench-names.ts';
import { atMost, type Figure, plain } from '../figures.ts';
import { BadWebhook } from './bad-webhook.ts';
import { RECOVERY_MS } from './hanging.ts';
import { type NeighboursOptions, TwoReplicas } from './two-replicas.ts';

const TOKEN_LIFE_MS = 600_000;
/** Long enough for every token to end twice. */
const LAST_MS = 2 * TOKEN_LIFE_MS;
const EVERY_MS = 5_000;
const LIST = `/api/v1/secrets?fieldSelector=metadata.name%3D${PULL_SECRET}`;

export async function benchExpiry(options: NeighboursOptions): Promise<readonly Figure[]> {
  const about = await TwoReplicas.start(options, { tokenLifeMs: TOKEN_LIFE_MS });
  const { admin } = about.cluster.rig;
  const well = namesOf('well', 200);
  const bad = namesOf('bad', 400);
  try {
    await about.cluster.createNamespaces([...well, ...bad], 'other');
    await about.optIn(well);
    await about.untilReady(well);
    const webhook = await BadWebhook.install(admin, { prefix: 'bad-', hangSeconds: 30 });
    await about.optIn(bad);
    let leastLeftMs = Infinity;
    let expired = 0;
    for (let waitedMs = 0; waitedMs < LAST_MS; waitedMs += EVERY_MS) {
      await delay(EVERY_MS);
      const leftMs = (await admin.list(LIST)).map(
        (secret) => new Date(noteOf(secret, 'expires-at') ?? '').getTime() - Date.now(),
      );
      leastLeftMs = Math.min(leastLeftMs, ...leftMs);
      expired += leftMs.filter((ms) => ms <= 0).length;
    }
    await webhook.remove();
    const recovered = await about.untilReady(bad);
    return [
      atMost('200 with tokens of 10 minutes beside 400 that hang 30 s: expired', expired, 0, ''),
      plain('  least that was left of a token', leastLeftMs / 1000, 's'),
      atMost('  all well after the end', recovered, RECOVERY_MS, 'ms'),
    ];
  } finally {
    await about.close();
  }
}

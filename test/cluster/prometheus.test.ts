/** A real Prometheus with the chart's rules scrapes two real replicas: alerts come and go with what happens. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderRules } from '../support/alerts.ts';
import type { ControllerProcess } from '../support/controller-process.ts';
import { eventually } from '../support/eventually.ts';
import { ENABLED } from '../support/opted-in.ts';
import { startReplica } from '../support/replicas.ts';
import { Rig } from '../support/rig.ts';
import { Helm } from '../support/tools/helm.ts';
import { Prometheus } from '../support/tools/prometheus.ts';

const HOUR_MS = 3_600_000;
const FAILING = ['critical', 'warning'].map(
  (level) => `EcrPullSecretTokenMintFailing/${level}/default`,
);
const SOON = 'EcrPullSecretExpirySoon/critical/default';
const ABSENT = 'EcrPullSecretControllerAbsent/critical/-';

let rig: Rig;
let replicas: readonly ControllerProcess[];
let prometheus: Prometheus;
beforeAll(async () => {
  const helm = await Helm.open();
  const rules = await renderRules(helm);
  await helm.close();
  // An empty cluster, so that every alert is about what happens here.
  rig = await Rig.open({ controlPlane: 'own' });
  replicas = [await startReplica(rig), await startReplica(rig)];
  const targets = replicas.map(async (replica, index) => {
    const { port } = await replica.logged('started');
    return { port: Number(port), labels: { namespace: 'ops', pod: `eps-${index}` } };
  });
  const hasty = rules.replaceAll(/(for|keep_firing_for): \d+[mh]\n/g, '$1: 2s\n');
  prometheus = await Prometheus.start(hasty, await Promise.all(targets));
});
afterAll(async () => {
  await prometheus.stop();
  await rig.close();
});

describe('alerts in a real Prometheus', () => {
  it('come and go with what happens to two replicas', async () => {
    rig.aws.ecrMode = { kind: 'deny' };
    await rig.namespace('alerting', { annotations: ENABLED });
    await untilFiring(FAILING);

    rig.aws.tokenLifeMs = HOUR_MS;
    rig.aws.ecrMode = { kind: 'ok' };
    await untilFiring([SOON]);

    await Promise.all(replicas.map(async (replica) => replica.kill()));
    await untilFiring([ABSENT]);
    expect(await prometheus.firing()).toEqual([ABSENT]);
  });
});

/** These, and no others. */
async function untilFiring(wanted: readonly string[]): Promise<void> {
  await eventually({ what: wanted.join(', '), limitMs: 60_000, everyMs: 200 }, async () => {
    const firing = await prometheus.firing();
    return JSON.stringify(firing) === JSON.stringify(wanted);
  });
}

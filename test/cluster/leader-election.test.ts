/** Two real processes and one Lease on the real API server. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sharedControlPlane } from '../support/control-plane/shared.ts';
import type { ControllerProcess } from '../support/process/controller-process.ts';
import { eventually } from '../support/suite/eventually.ts';
import { isAllowed } from '../support/cluster/install.ts';
import { isWrite } from '../support/cluster/our-requests.ts';
import {
  candidateOf,
  LEASE_PATH,
  leaseOf,
  masterStatus,
  recordsOf,
  startReplica,
  untilLeading,
} from '../support/cluster/replicas.ts';
import { Rig } from '../support/cluster/rig.ts';

const ROLE_BINDING =
  '/apis/rbac.authorization.k8s.io/v1/namespaces/ecr-pull-secrets/rolebindings/ecr-pull-secrets-lease';

let rig: Rig;
let tests = 0;
let team: string;
let later: string;
let leader: ControllerProcess;
let standby: ControllerProcess;

beforeEach(async () => {
  tests += 1;
  [team, later] = [`led-${tests}`, `led-later-${tests}`];
  rig = await Rig.open({ controlPlane: 'shared', namespaces: [team, later] });
  await rig.admin.delete(LEASE_PATH);
  const startedAt = new Date();
  leader = await startReplica(rig);
  await untilLeading([leader], startedAt, 10_000);
  standby = await startReplica(rig);
  await standby.logged('another process leads');
});
afterEach(async () => rig.close());
afterAll(async () => {
  const admin = await (await sharedControlPlane()).admin();
  await admin.delete(LEASE_PATH);
  await admin.close();
});

describe('two replicas', () => {
  it('are both ready, one leads, and both report who', async () => {
    await rig.optInAndWait(team);
    const [leading, waiting] = await Promise.all([candidateOf(leader), candidateOf(standby)]);

    expect(await leaseOf(rig)).toMatchObject({ holderIdentity: leading, leaseTransitions: 0 });
    expect([await masterStatus(leader), await masterStatus(standby)]).toEqual([1, 0]);
    expect(recordsOf(standby, 'another process leads')).toMatchObject([
      { level: 'info', candidate: waiting, holder: leading },
    ]);
    for (const replica of [leader, standby]) {
      const livez = await replica.page('/livez?verbose');
      expect(livez).toMatchObject({ status: 200 });
      expect(livez.body).toContain('[+]leadership ok');
    }
    expect(await rig.violations()).toEqual([]);
  });

  it('hand over within 3 s of SIGTERM, without a second mint', async () => {
    await rig.optInAndWait(team);
    const stoppedAt = new Date();

    expect(await leader.stop()).toBe(0);
    const leadingAt = await untilLeading([standby], stoppedAt, 10_000);

    expect(leadingAt.getTime() - stoppedAt.getTime()).toBeLessThanOrEqual(3_000);
    expect(recordsOf(leader, 'lease released')).toHaveLength(1);
    await rig.optInAndWait(later);
    expect(await leaseOf(rig)).toMatchObject({
      holderIdentity: await candidateOf(standby),
      leaseTransitions: 1,
    });
    expect(rig.aws.tokensMinted).toBeLessThanOrEqual(2);
    expect(await rig.violations()).toEqual([]);
  });

  it('hand over within 20 s of SIGKILL', async () => {
    const killedAt = new Date();
    await leader.kill();
    await rig.optIn(team);

    const leadingAt = await untilLeading([standby], killedAt, 25_000);

    expect(leadingAt.getTime() - killedAt.getTime()).toBeLessThanOrEqual(20_000);
    await rig.untilReady(team);
    expect(await rig.violations()).toEqual([]);
  });

  it('keep their leader when somebody deletes the Lease', async () => {
    const identity = await candidateOf(leader);
    await rig.admin.delete(LEASE_PATH);

    const lease = await eventually({ what: 'a new lease', limitMs: 20_000 }, () => leaseOf(rig));

    expect(lease).toMatchObject({ holderIdentity: identity, leaseTransitions: 0 });
    expect(recordsOf(leader, 'no longer leading')).toEqual([]);
    expect(recordsOf(standby, 'leading')).toEqual([]);
    const metrics = await leader.metrics();
    expect(metrics.value('leader_election_slowpath_total')).toBe(1);
  });

  it('have no leader without the permission on the Lease, send few requests, and have one soon after it is back', async () => {
    const binding = await rig.admin.get(ROLE_BINDING);
    const removedAt = new Date();
    await rig.admin.delete(ROLE_BINDING);
    await leader.logged('no longer leading', 20_000);
    expect([await masterStatus(leader), await masterStatus(standby)]).toEqual([0, 0]);
    await rig.optIn(team);
    const lostMs = Date.now() - removedAt.getTime();
    const during = await rig.requests(removedAt);
    const refused = during.filter(({ code }) => code === 403);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ resource }) => resource === 'leases')).toBe(true);
    // Two replicas, one request every 1.5 s or less often; some attempts notice it late.
    expect(refused.length).toBeLessThanOrEqual(2 * (lostMs / 1_500 + 1));
    expect(during.filter((one) => isWrite(one) && one.resource !== 'leases')).toEqual([]);
    expect((await leader.logged('lease can be neither read nor renewed')).level).toBe('error');

    const { apiVersion, kind, metadata, roleRef, subjects } = binding;
    const { name, labels } = metadata;
    const restoredAt = new Date();
    const back = { apiVersion, kind, metadata: { name, labels }, roleRef, subjects };
    await rig.admin.apply(ROLE_BINDING, back, 'kubectl');
    await untilLeading([leader, standby], restoredAt, 20_000);

    await rig.untilReady(team);
    for (const replica of [leader, standby]) {
      expect(await replica.page('/livez')).toMatchObject({ status: 200 });
    }
  });

  it('request the Lease only by name, as the Role allows', async () => {
    const lease = {
      group: 'coordination.k8s.io',
      resource: 'leases',
      namespace: 'ecr-pull-secrets',
    };
    const may = (verb: string, name: string) => isAllowed(rig.admin, { ...lease, verb, name });

    expect(await may('patch', 'ecr-pull-secrets')).toBe(true);
    expect(await may('patch', 'of-another')).toBe(false);
    expect(await may('update', 'ecr-pull-secrets')).toBe(false);
    expect(await may('delete', 'ecr-pull-secrets')).toBe(false);
    const asked = (await rig.requests()).filter(({ resource }) => resource === 'leases');
    expect(new Set(asked.map(({ verb }) => verb))).toEqual(new Set(['get', 'patch']));
  });
});

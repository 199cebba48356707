/** The API server down, restarted, cut off or compacted: the controller waits and converges, without a restart. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll, itLeavesNothing } from '../support/suite/close-after-all.ts';
import type { AdminClient } from '../support/control-plane/admin-client.ts';
import { ApiProxy } from '../support/control-plane/api-proxy.ts';
import { eventually } from '../support/suite/eventually.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { ENABLED } from '../support/cluster/opted-in.ts';
import { describeRequest, isWrite } from '../support/cluster/our-requests.ts';
import { rbacMode } from '../support/suite/rbac-mode.ts';
import { Rig } from '../support/cluster/rig.ts';

const DURING = Array.from({ length: 10 }, (_, index) => `during-${index}`);
const NAMES = ['cut-0', 'cut-1', 'cut-2', 'expired', 'gone-0', 'gone-1', 'gone-2', 'gone-3'];
/** Of namespaces, ServiceAccounts and Secrets; under Roles, of each namespace. */
const WATCHES = rbacMode() === 'named' ? 3 : 3 * NAMES.length;

describe('an API server that goes away', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own', namespaces: ['first', ...DURING] });
    await rig.optIn('first');
    await rig.run();
    await rig.untilReady('first');
  });
  closeAfterAll(() => [rig]);

  it('may be restarted: no namespace that opts in as soon as it answers is missed', async () => {
    const startedAt = new Date();
    await rig.controlPlane.stopApiServer();
    const starting = rig.controlPlane.startApiServer();
    await Promise.all(DURING.map(async (name) => persistently(rig.admin, name)));
    await starting;

    await Promise.all(DURING.map(async (name) => rig.untilReady(name, 60_000)));

    const requests = await rig.requests(startedAt);
    const writes = requests.filter(isWrite).map(describeRequest);
    expect(writes.filter((write) => write.includes(' first/'))).toEqual([]);
    expect(requests.filter(({ verb }) => verb === 'list').length).toBeLessThan(
      rbacMode() === 'named' ? 20 : 20 * (DURING.length + 1),
    );
    expect(rig.aws.calls).toHaveLength(1);
    expect(rig.runs).toHaveLength(1);
    await rig.controller.ready();
  });

  it('keeps a starting controller waiting: alive, not ready, with an error that names the server and the fix', async () => {
    await rig.controller.kill();
    const kubeconfig = await rig.controlPlane.kubeconfigFor(INSTALLED_AS);
    await rig.controlPlane.stopApiServer();
    const run = await rig.start({ kubeconfig });

    const record = await run.logged('API server cannot be reached', 20_000);

    expect(record).toMatchObject({ level: 'error', fix: expect.stringContaining('kubeconfig') });
    expect(JSON.stringify(record)).toContain('ECONNREFUSED');
    expect(await run.page('/livez')).toMatchObject({ status: 200 });
    expect(await run.page('/readyz?verbose')).toMatchObject({
      status: 503,
      body: expect.stringContaining('[-]watch-namespaces failed'),
    });
  });

  it('is used as soon as it comes up', async () => {
    await rig.controlPlane.startApiServer();

    await rig.controller.ready(60_000);

    await rig.deleteSecret('first');
    await rig.untilReady('first', 60_000);
    expect(rig.aws.calls).toHaveLength(2);
  });

  it('leaves no token anywhere else', async () => {
    // Refusals don't count: while it starts, the server has not read its roles yet.
    expect(await rig.leaks()).toEqual([]);
  });
});

describe('a connection to the API server that breaks', () => {
  let rig: Rig;
  let proxy: ApiProxy;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared', namespaces: NAMES });
    proxy = await ApiProxy.start(rig.controlPlane);
    const user = { ...INSTALLED_AS, server: proxy.server };
    await rig.run({ kubeconfig: await rig.controlPlane.kubeconfigFor(user) });
    await eventually({ what: 'all watches', limitMs: 10_000 }, () => proxy.openWatches === WATCHES);
  });
  closeAfterAll(() => [rig, proxy]);

  it('is resumed when watches are cut in the middle of a line', async () => {
    proxy.cutWatches();

    for (const name of ['cut-0', 'cut-1', 'cut-2']) {
      await rig.optIn(name);
      await rig.untilReady(name, 30_000);
    }
    // A quiet watch is not cut: those of other namespaces than these.
    expect(proxy.watchesCut).toBe(rbacMode() === 'named' ? 3 : 9);
  });

  it('is resumed after 410s: a list finds what was missed', async () => {
    await eventually({ what: 'all watches', limitMs: 60_000 }, () => proxy.openWatches === WATCHES);
    proxy.expireWatches(WATCHES);
    proxy.cutConnections();
    await rig.optIn('expired');
    await rig.deleteSecret('cut-0');

    await rig.untilReady('expired', 60_000);
    await rig.untilReady('cut-0', 60_000);

    const metrics = await rig.controller.metrics();
    const gone = { cause: 'gone' };
    expect(metrics.value('ecr_pull_secrets_watch_restarts_total', gone)).toBeGreaterThanOrEqual(
      WATCHES,
    );
    expect(rig.aws.calls).toHaveLength(1);
    await rig.controller.ready();
  });

  it('is resumed when every connection is cut at once, again and again', async () => {
    for (const name of ['gone-0', 'gone-1', 'gone-2', 'gone-3']) {
      proxy.cutConnections();
      await rig.optIn(name);
      proxy.cutConnections();
    }
    for (const name of ['gone-0', 'gone-1', 'gone-2', 'gone-3']) {
      await rig.untilReady(name, 60_000);
    }
  });

  itLeavesNothing(() => rig);
});

/** Creates an opted-in namespace as soon as the API server accepts it. */
async function persistently(admin: AdminClient, name: string): Promise<void> {
  await eventually({ what: `the namespace ${name}`, limitMs: 60_000, everyMs: 20 }, async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace' };
    const metadata = { name, annotations: ENABLED };
    await admin.apply(`/api/v1/namespaces/${name}`, { ...namespace, metadata });
    return true;
  });
}

/** The proxy that makes faults before the real API server. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/close-after-all.ts';
import { AdminClient } from '../support/control-plane/admin-client.ts';
import { ApiProxy } from '../support/control-plane/api-proxy.ts';
import type { ControlPlane } from '../support/control-plane/control-plane.ts';
import { sharedControlPlane } from '../support/control-plane/shared.ts';
import { eventually } from '../support/eventually.ts';

const CONFIG_MAPS = '/api/v1/namespaces/api-proxy/configmaps';

describe('ApiProxy', () => {
  let cluster: ControlPlane;
  let proxy: ApiProxy;
  let admin: AdminClient;
  let client: AdminClient;

  beforeAll(async () => {
    cluster = await sharedControlPlane();
    admin = await cluster.admin();
    proxy = await ApiProxy.start(cluster);
    await admin.create('/api/v1/namespaces', { metadata: { name: 'api-proxy' } });
    await eventually({ what: 'the default ServiceAccount', limitMs: 10_000 }, async () =>
      admin.find('/api/v1/namespaces/api-proxy/serviceaccounts/default'),
    );
    const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/api-proxy/rolebindings';
    await admin.create(binding, {
      metadata: { name: 'admin' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'cluster-admin',
      },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'api-proxy' }],
    });
    const user = { namespace: 'api-proxy', serviceAccount: 'default', server: proxy.server };
    client = await AdminClient.from(await cluster.kubeconfigFor(user));
    // The authorizer learns of a binding by a watch of its own.
    await eventually({ what: 'the binding to work', limitMs: 10_000 }, async () =>
      client.get(CONFIG_MAPS),
    );
  });
  closeAfterAll(() => [client, admin, proxy]);

  it('passes requests of a ServiceAccount on', async () => {
    await client.create(CONFIG_MAPS, { metadata: { name: 'through' }, data: { a: '1' } });

    expect(await admin.get(`${CONFIG_MAPS}/through`)).toMatchObject({ data: { a: '1' } });
  });

  it('cuts a watch in the middle of a line', async () => {
    const { metadata } = await client.get(CONFIG_MAPS);
    const from = `${CONFIG_MAPS}?resourceVersion=${metadata.resourceVersion}`;
    const next = client.watch(from, AbortSignal.timeout(10_000)).next();
    await eventually({ what: 'the watch', limitMs: 5_000 }, () => proxy.openWatches === 1);

    proxy.cutWatches();
    await admin.create(CONFIG_MAPS, { metadata: { name: 'cut' } });

    await expect(next).rejects.toMatchObject({
      message: expect.stringMatching(/terminated|closed/),
    });
    expect(proxy.watchesCut).toBe(1);
  });

  it('answers 410 to as many watches as told', async () => {
    proxy.expireWatches(1);
    const first = async () => client.watch(CONFIG_MAPS, AbortSignal.timeout(10_000)).next();

    expect((await first()).value).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    expect((await first()).value).toMatchObject({ type: 'ADDED' });
  });
});

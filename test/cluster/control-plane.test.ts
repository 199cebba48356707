/** The rig itself: what every other test on the real control plane takes for granted. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/close-after-all.ts';
import { AdminClient, UnexpectedStatus } from '../support/control-plane/admin-client.ts';
import type { ControlPlane } from '../support/control-plane/control-plane.ts';
import { startControlPlane } from '../support/control-plane/start.ts';
import { eventually } from '../support/eventually.ts';

describe('the real control plane', () => {
  let cluster: ControlPlane;
  let admin: AdminClient;

  beforeAll(async () => {
    // Its own, for it is restarted: what a suite starts ends with the suite.
    cluster = await startControlPlane();
    admin = await cluster.admin();
  });
  closeAfterAll(() => [admin, cluster]);

  it('is Kubernetes 1.36 and ready', async () => {
    expect(await admin.get('/version')).toMatchObject({ major: '1', minor: '36' });
    expect(await admin.raw('GET', '/readyz')).toEqual({ status: 200, body: 'ok' });
  });

  it('gives a new namespace its default ServiceAccount, as a watch sees', async () => {
    const watching = new AbortController();
    const frames = admin.watch('/api/v1/serviceaccounts', watching.signal);
    await admin.create('/api/v1/namespaces', { metadata: { name: 'rig-watch' } });

    for await (const { type, object } of frames) {
      if (object.metadata.namespace !== 'rig-watch') continue;
      expect({ type, name: object.metadata.name }).toEqual({ type: 'ADDED', name: 'default' });
      break;
    }
    watching.abort();
  });

  it('finishes the deletion of a namespace', async () => {
    await admin.create('/api/v1/namespaces', { metadata: { name: 'rig-gone' } });
    await admin.delete('/api/v1/namespaces/rig-gone');

    const gone = async () => (await admin.find('/api/v1/namespaces/rig-gone')) === undefined;
    await eventually({ what: 'the namespace to be gone', limitMs: 30_000 }, gone);
  });

  it('refuses a ServiceAccount what RBAC does not grant, and the audit log shows it', async () => {
    await admin.create('/api/v1/namespaces', { metadata: { name: 'rig-rbac' } });
    await eventually({ what: 'the default ServiceAccount', limitMs: 10_000 }, async () =>
      admin.find('/api/v1/namespaces/rig-rbac/serviceaccounts/default'),
    );
    const user = { namespace: 'rig-rbac', serviceAccount: 'default' };
    const tenant = await AdminClient.from(await cluster.kubeconfigFor(user));

    const refused = tenant.get('/api/v1/namespaces/rig-rbac/secrets/some');

    await expect(refused).rejects.toBeInstanceOf(UnexpectedStatus);
    await tenant.close();
    const seen = await eventually({ what: 'the audit event', limitMs: 5_000 }, async () =>
      (await cluster.auditLog()).find((event) => event.user.includes(':rig-rbac:')),
    );
    expect(seen).toMatchObject({
      user: 'system:serviceaccount:rig-rbac:default',
      verb: 'get',
      resource: 'secrets',
      namespace: 'rig-rbac',
      name: 'some',
      code: 403,
    });
  });

  it('applies, patches and lists', async () => {
    const path = '/api/v1/namespaces/default/configmaps/rig';
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'rig' } };
    await admin.apply(path, { ...config, data: { a: '1' } });

    const patched = await admin.mergePatch(path, { data: { b: '2' } });

    expect(patched['data']).toEqual({ a: '1', b: '2' });
    const names = (await admin.list('/api/v1/namespaces/default/configmaps')).map(
      ({ metadata }) => metadata.name,
    );
    expect(names).toContain('rig');
    await admin.delete(path);
    expect(await admin.find(path)).toBeUndefined();
  });

  it('keeps address, credentials and state over a restart; a watch from before it answers 410', async () => {
    const before = await admin.create('/api/v1/namespaces', { metadata: { name: 'rig-restart' } });
    await admin.mergePatch('/api/v1/namespaces/rig-restart', { metadata: { labels: { a: '1' } } });

    await cluster.restartApiServer();

    const after = await admin.get('/api/v1/namespaces/rig-restart');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    const old = `/api/v1/namespaces?resourceVersion=${before.metadata.resourceVersion}`;
    const frames = admin.watch(old, AbortSignal.timeout(10_000));
    const first = await frames.next();
    expect(first.value).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    await frames.return();
  });
});

/** What RBAC of manifests/ allows us, shown by raw calls with the token of our ServiceAccount. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeAfterAll } from '../support/suite/close-after-all.ts';
import { AdminClient, type Method } from '../support/control-plane/admin-client.ts';
import { eventually } from '../support/suite/eventually.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { SECRET_NAME } from '../support/cluster/opted-in.ts';
import { Rig } from '../support/cluster/rig.ts';
import { removeWatchPermission } from '../support/cluster/without-watch.ts';

const SECRETS = '/api/v1/namespaces/permissions/secrets';

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const CREDENTIAL = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'credential' },
  type: 'Opaque',
};

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const GUARD = 'ecr-pull-secrets-guard-secrets';

const refused: readonly Call[] = [
  { method: 'GET', path: `${SECRETS}/credential` },
  { method: 'PATCH', path: `${SECRETS}/credential`, body: {}, contentType: MERGE },
  {
    method: 'PATCH',
    path: `${SECRETS}/credential?fieldManager=x&force=true`,
    body: CREDENTIAL,
    contentType: APPLY,
  },
  { method: 'PUT', path: `${SECRETS}/credential`, body: CREDENTIAL },
  { method: 'DELETE', path: `${SECRETS}/credential` },
  { method: 'POST', path: SECRETS, body: CREDENTIAL },
  // Refused, too: RBAC can't see the name of the object that a POST creates.
  {
    method: 'POST',
    path: SECRETS,
    body: { ...CREDENTIAL, metadata: { name: SECRET_NAME } },
  },
  { method: 'PUT', path: `${SECRETS}/${SECRET_NAME}`, body: CREDENTIAL },
  { method: 'DELETE', path: SECRETS },
  { method: 'DELETE', path: `${SECRETS}?fieldSelector=metadata.name=${SECRET_NAME}` },
  { method: 'GET', path: SECRETS },
  { method: 'GET', path: '/api/v1/secrets' },
  { method: 'GET', path: '/api/v1/secrets?watch=true' },
  { method: 'GET', path: '/api/v1/secrets?fieldSelector=metadata.name=credential' },
  { method: 'GET', path: `/api/v1/secrets?fieldSelector=metadata.name!=${SECRET_NAME}` },
  { method: 'GET', path: '/api/v1/secrets?labelSelector=app.kubernetes.io/managed-by' },
  { method: 'GET', path: '/api/v1/configmaps' },
  { method: 'GET', path: '/api/v1/pods' },
  {
    method: 'POST',
    path: '/api/v1/namespaces/permissions/serviceaccounts/default/token',
    body: {},
  },
  { method: 'DELETE', path: '/api/v1/namespaces/permissions/serviceaccounts/default' },
  { method: 'PATCH', path: '/api/v1/namespaces/permissions', body: {}, contentType: MERGE },
  {
    method: 'PATCH',
    path: '/api/v1/namespaces/permissions/serviceaccounts/new?fieldManager=x&force=true',
    body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'new' } },
    contentType: APPLY,
  },
  { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'permissions-new' } } },
  { method: 'GET', path: '/api/v1/namespaces/permissions/events' },
  { method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/permissions/events', body: {} },
  { method: 'DELETE', path: `${ADMISSION}/validatingadmissionpolicies/${GUARD}` },
  { method: 'DELETE', path: `${ADMISSION}/validatingadmissionpolicybindings/${GUARD}` },
  {
    method: 'PATCH',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/ecr-pull-secrets',
    body: { rules: [] },
    contentType: MERGE,
  },
  { method: 'GET', path: '/api/v1/secrets', headers: { 'impersonate-user': 'admin' } },
];

describe('our permissions', () => {
  let rig: Rig;
  let ours: AdminClient;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'shared' });
    await rig.namespace('permissions');
    await rig.admin.create(SECRETS, CREDENTIAL);
    ours = await AdminClient.from(await rig.controlPlane.kubeconfigFor(INSTALLED_AS));
  });
  closeAfterAll(() => [ours, rig]);

  it.each(refused)('do not allow $method $path', async (call) => {
    const { method, path, body, contentType, headers } = call;
    const ofBody = contentType === undefined ? {} : { 'content-type': contentType };

    const answer = await ours.raw(method, path, body, { ...ofBody, ...headers });

    expect(answer).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
  });

  it('allow a list of the Secrets with our name', async () => {
    const path = `/api/v1/secrets?fieldSelector=metadata.name=${SECRET_NAME}`;

    expect(await ours.raw('GET', path)).toMatchObject({ status: 200 });
  });
});

describe('a missing permission', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await Rig.open({ controlPlane: 'own' });
  });
  closeAfterAll(() => [rig]);

  it('makes readiness fail, with an error that names the fix, until it is granted', async () => {
    const giveBack = await removeWatchPermission(rig);

    const run = await rig.start();

    const record = await run.logged('not allowed to list or watch');
    expect(record).toMatchObject({
      level: 'error',
      resource: 'secrets',
      verb: 'watch',
      fix: expect.stringContaining('grant our ServiceAccount the ClusterRole'),
    });
    const { status, body } = await run.page('/readyz?verbose');
    expect({ status, body }).toMatchObject({
      status: 503,
      body: expect.stringContaining('[-]watch-secrets failed: not allowed'),
    });
    expect(await run.page('/livez')).toMatchObject({ status: 200 });

    await giveBack();

    await run.ready(60_000);
    await rig.optInAndWait('permissions-given');
  });

  it('makes readiness fail when it is removed later', async () => {
    await removeWatchPermission(rig);
    // Open watches stay open: the server checks the permission when a watch starts.
    await rig.controlPlane.restartApiServer();

    // Each watch notices it in its own time.
    await eventually({ what: 'readiness to fail', limitMs: 60_000 }, async () => {
      const { status, body } = await rig.controller.page('/readyz?verbose');
      return status === 503 && body.includes('[-]watch-secrets failed: not allowed');
    });
  });
});

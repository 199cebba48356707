/** Installs the product as the chart does, except for the Deployment: tests run the program themselves. */
import type { AdminClient, KubeObject } from '../control-plane/admin-client.ts';
import type { ServiceAccountUser } from '../control-plane/control-plane.ts';
import { eventually } from '../suite/eventually.ts';
import { INSTALLED_AS, isAllowed, userOf } from './install.ts';
import { pathOf } from './object-path.ts';
import { accountPath, SECRET_NAME } from './opted-in.ts';
import { renderChart } from '../chart/render-chart.ts';

const { namespace: HOME, serviceAccount: NAME } = INSTALLED_AS;

export interface Installation {
  /** Several instances can coexist, each with its own ServiceAccount. Default: `default`. */
  readonly instance?: string;
  readonly secretName?: string;
  /** Grants a Role in each of these namespaces, which must exist, and no cluster-wide permission. */
  readonly namespaces?: readonly string[];
}

/** Returns the user of the installation once its permissions and its guard are in effect. May be repeated, also with other namespaces. */
export async function install(
  admin: AdminClient,
  installation: Installation = {},
): Promise<ServiceAccountUser> {
  const { instance = 'default', secretName = SECRET_NAME, namespaces = [] } = installation;
  const serviceAccount = instance === 'default' ? NAME : `${NAME}-${instance}`;
  const user = { ...INSTALLED_AS, serviceAccount };
  const mode = namespaces.length === 0 ? 'named' : 'namespaces';
  const config = { secretName, namespaces: { only: namespaces } };
  const objects = await renderChart({ instance, rbac: { mode }, config }, serviceAccount);
  const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: HOME } };
  await admin.apply(pathOf(home), home, 'helm');
  const applied = objects.filter(({ kind }) => kind !== 'Deployment');
  await Promise.all(applied.map(async (object) => admin.apply(pathOf(object), object, 'helm')));
  const places = namespaces.length === 0 ? [undefined] : namespaces;
  await Promise.all(places.map(async (place) => untilAllowed(admin, user, place)));
  await untilGuarded(admin, user, { secretName, namespace: places[0] ?? HOME });
  return user;
}

/** The authorizer learns of a binding through its own watch; until then our calls would get a 403. */
async function untilAllowed(
  admin: AdminClient,
  user: ServiceAccountUser,
  namespace: string | undefined,
): Promise<void> {
  const place = namespace === undefined ? {} : { namespace };
  const permission = { verb: 'watch', resource: 'serviceaccounts', ...place };
  const what = `the permissions of ${user.serviceAccount} in ${namespace ?? 'all namespaces'}`;
  await eventually({ what, limitMs: 20_000 }, async () =>
    isAllowed(admin, permission, userOf(user)),
  );
}

/** Waits until the guard refuses what the permissions alone would allow: a policy takes effect a second or two after its creation. */
async function untilGuarded(
  admin: AdminClient,
  user: ServiceAccountUser,
  { secretName, namespace }: { readonly secretName: string; readonly namespace: string },
): Promise<void> {
  const account = { name: 'default', namespace, labels: { guarded: 'no' } };
  const attempts: readonly KubeObject[] = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'guarded', namespace },
      involvedObject: { namespace },
    },
  ];
  await eventually({ what: `a ServiceAccount in ${namespace}`, limitMs: 20_000 }, async () =>
    admin.find(accountPath(namespace)),
  );
  for (const object of attempts) {
    const path = `${pathOf(object)}?dryRun=All&fieldManager=test`;
    await eventually({ what: `the guard of ${object.kind}s`, limitMs: 30_000 }, async () => {
      const answer = await admin.raw('PATCH', path, object, {
        'content-type': 'application/apply-patch+yaml',
        'impersonate-user': userOf(user),
      });
      return JSON.stringify(answer.body).includes(`${user.serviceAccount}-guard-`);
    });
  }
}

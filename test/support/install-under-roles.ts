/** Installs the product as the chart does with `rbac.mode: namespaces`, but for the Deployment: we run it ourselves. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { parseAllDocuments, stringify } from 'yaml';
import { CHART } from './chart.ts';
import type { AdminClient, KubeObject } from './control-plane/admin-client.ts';
import { eventually } from './eventually.ts';
import { INSTALLED_AS, isAllowed, untilGuarded } from './install.ts';
import { pathOf } from './object-path.ts';
import { accountPath } from './opted-in.ts';
import { Helm } from './tools/helm.ts';

/** Resolves when its rights are in effect in each of the namespaces, which must be there. May be repeated with others. */
export async function installUnderRoles(
  admin: AdminClient,
  namespaces: readonly string[],
): Promise<void> {
  const [first] = namespaces;
  if (first === undefined) throw new Error('installing under Roles: in which namespaces?');
  const home = { metadata: { name: INSTALLED_AS.namespace }, apiVersion: 'v1', kind: 'Namespace' };
  await admin.apply(pathOf(home), home, 'kubectl');
  const objects = (await renderUnderRoles(namespaces)).filter(({ kind }) => kind !== 'Deployment');
  await Promise.all(objects.map(async (object) => admin.apply(pathOf(object), object, 'helm')));
  await Promise.all(
    namespaces.map(async (namespace) => {
      const right = { verb: 'watch', resource: 'serviceaccounts', namespace };
      await eventually({ what: `the rights in ${namespace}`, limitMs: 20_000 }, async () =>
        isAllowed(admin, right),
      );
    }),
  );
  await eventually({ what: `the default ServiceAccount of ${first}`, limitMs: 20_000 }, async () =>
    admin.find(accountPath(first)),
  );
  await untilGuarded(admin, { namespace: first, serviceAccount: 'default' });
}

/** What helm renders for a release in the namespace of the tests, hooks left out. */
export async function renderUnderRoles(
  namespaces: readonly string[],
): Promise<readonly KubeObject[]> {
  const helm = await Helm.open();
  try {
    const { serviceAccount: release, namespace } = INSTALLED_AS;
    const file = join(helm.dir, 'values.yaml');
    const values = { rbac: { mode: 'namespaces' }, config: { namespaces: { only: namespaces } } };
    await writeFile(file, stringify(values));
    const where = ['--namespace', namespace, '--no-hooks', '--values', file];
    const rendered = await helm.succeed('template', release, CHART, ...where);
    const objects = parseAllDocuments(rendered).map((document) => document.toJS() as KubeObject);
    const clusterWide = objects.filter(({ kind = '' }) => kind.startsWith('ClusterRole'));
    if (clusterWide.length > 0) throw new Error('the chart grants a cluster-wide right');
    return objects;
  } finally {
    await helm.close();
  }
}

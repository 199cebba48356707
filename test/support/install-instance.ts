/** Installs one more instance beside the first: its own ServiceAccount and guard, and the same rights on another Secret name. */
import { applyPolicies, renderPolicies } from './chart/render-policies.ts';
import type { AdminClient } from './control-plane/admin-client.ts';
import type { ServiceAccountUser } from './control-plane/control-plane.ts';
import { eventually } from './eventually.ts';
import { INSTALLED_AS, readInstallation } from './install.ts';

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Who it runs as, once its rights are in effect. Needs `install` to have made the namespace. */
export async function installInstance(
  admin: AdminClient,
  instance: string,
  secretName: string,
): Promise<ServiceAccountUser> {
  const { namespace } = INSTALLED_AS;
  const name = `${INSTALLED_AS.serviceAccount}-${instance}`;
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const metadata = { name };
  await admin.apply(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
  });
  await admin.apply(`${rbac}/clusterroles/${name}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata,
    rules: await rulesFor(name, secretName),
  });
  await admin.apply(`${rbac}/clusterrolebindings/${name}`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const values = { instance, serviceAccount: { name }, config: { secretName } };
  await applyPolicies(admin, await renderPolicies(values));
  const user = `system:serviceaccount:${namespace}:${name}`;
  await eventually({ what: `the rights of ${name}`, limitMs: 10_000 }, async () => {
    const review = await admin.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      spec: { user, resourceAttributes: { verb: 'watch', resource: 'namespaces' } },
    });
    return (review['status'] as { readonly allowed: boolean }).allowed;
  });
  return { namespace, serviceAccount: name };
}

async function rulesFor(name: string, secretName: string): Promise<readonly Rule[]> {
  const role = (await readInstallation()).find(({ kind }) => kind === 'ClusterRole');
  const rules = (role?.['rules'] ?? []) as readonly Rule[];
  return rules.map((rule) =>
    rule.resourceNames === undefined
      ? rule
      : { ...rule, resourceNames: [rule.resources.includes('secrets') ? secretName : name] },
  );
}

/** Installs the product beside the one with a ClusterRole: a ServiceAccount with a Role in each of some namespaces. */
import type { AdminClient } from './control-plane/admin-client.ts';
import type { ServiceAccountUser } from './control-plane/control-plane.ts';
import { eventually } from './eventually.ts';
import { INSTALLED_AS, isAllowed } from './install.ts';
import { namespaceRoles } from './namespace-roles.ts';

const SERVICE_ACCOUNT = 'ecr-pull-secrets-roles';

/** The user that the API server knows it as. */
export const ROLES_USER = `system:serviceaccount:${INSTALLED_AS.namespace}:${SERVICE_ACCOUNT}`;

/** Who it runs as, once its rights are in effect. The namespaces must be there. May be repeated, also with others. */
export async function installInNamespaces(
  admin: AdminClient,
  namespaces: readonly string[],
): Promise<ServiceAccountUser> {
  const { namespace } = INSTALLED_AS;
  await admin.apply(`/api/v1/namespaces/${namespace}/serviceaccounts/${SERVICE_ACCOUNT}`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: SERVICE_ACCOUNT },
  });
  for (const role of namespaceRoles(namespaces, { serviceAccount: SERVICE_ACCOUNT })) {
    const { kind = '', metadata } = role;
    const home = `/apis/rbac.authorization.k8s.io/v1/namespaces/${metadata.namespace}`;
    await admin.apply(`${home}/${kind.toLowerCase()}s/${metadata.name}`, role);
  }
  for (const name of namespaces) {
    const right = { verb: 'watch', resource: 'serviceaccounts', namespace: name };
    await eventually({ what: `the rights in ${name}`, limitMs: 10_000 }, async () =>
      isAllowed(admin, right, ROLES_USER),
    );
  }
  return { namespace, serviceAccount: SERVICE_ACCOUNT };
}

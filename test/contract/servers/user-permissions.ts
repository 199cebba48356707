/** The RBAC objects that give a user its permissions: both servers use the same ones. */
import type { Permission } from './server-under-test.ts';

const GROUP = 'rbac.authorization.k8s.io';

export interface RbacObject {
  /** The path of its collection. */
  readonly path: string;
  readonly object: object;
}

/** ServiceAccounts of this namespace are the suite's users. */
export const USERS_NAMESPACE = 'default';

export function userNameOf(account: string): string {
  return `system:serviceaccount:${USERS_NAMESPACE}:${account}`;
}

/** A role and its binding for each namespace with permissions, and for the cluster-wide ones. */
export function rbacObjectsOf(
  account: string,
  permissions: readonly Permission[],
): readonly RbacObject[] {
  const homes = [...new Set(permissions.map(({ namespace }) => namespace))];
  return homes.flatMap((namespace) => {
    const rules = permissions
      .filter((permission) => permission.namespace === namespace)
      .map(ruleOf);
    return grantOf(account, namespace, rules);
  });
}

function grantOf(
  account: string,
  namespace: string | undefined,
  rules: readonly object[],
): readonly RbacObject[] {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const apiVersion = `${GROUP}/v1`;
  const metadata = { name: account, namespace };
  const base = `/apis/${apiVersion}${namespace === undefined ? '' : `/namespaces/${namespace}`}`;
  const subjects = [{ kind: 'ServiceAccount', name: account, namespace: USERS_NAMESPACE }];
  const roleRef = { apiGroup: GROUP, kind, name: account };
  return [
    { path: `${base}/${kind.toLowerCase()}s`, object: { apiVersion, kind, metadata, rules } },
    {
      path: `${base}/${kind.toLowerCase()}bindings`,
      object: { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
    },
  ];
}

function ruleOf({ apiGroups = [''], resources, verbs, resourceNames }: Permission): object {
  return { apiGroups, resources, verbs, resourceNames };
}

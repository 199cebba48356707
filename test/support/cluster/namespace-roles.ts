/** The permissions of an installation with `namespaces.only`: a Role in each of these namespaces, and nothing cluster-wide. */
import type { KubeObject } from '../control-plane/admin-client.ts';
import { INSTALLED_AS, readInstallation } from './install.ts';
import { SECRET_NAME } from './opted-in.ts';

const GROUP = 'rbac.authorization.k8s.io';
const NAME = 'ecr-pull-secrets';

/** As in a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** The rules for one namespace. The namespace itself is read by name and watched by the deprecated watch path, never listed. */
export function namespaceRules(namespace: string, secretName: string): readonly PolicyRule[] {
  return [
    {
      apiGroups: [''],
      resources: ['namespaces'],
      resourceNames: [namespace],
      verbs: ['get', 'watch'],
    },
    {
      apiGroups: [''],
      resources: ['serviceaccounts'],
      verbs: ['get', 'list', 'watch', 'patch'],
    },
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [secretName],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: [GROUP], resources: ['rolebindings'], resourceNames: [NAME], verbs: ['get'] },
  ];
}

/** As `readInstallation`, with a Role and a binding in each of the namespaces instead of the cluster-wide ones. */
export async function readNamespacedInstallation(
  namespaces: readonly string[],
): Promise<readonly KubeObject[]> {
  const objects = await readInstallation();
  const namespaced = objects.filter(({ kind = '' }) => !kind.startsWith('Cluster'));
  return [...namespaced, ...namespaces.flatMap(namespaceRole)];
}

function namespaceRole(namespace: string): readonly KubeObject[] {
  const apiVersion = `${GROUP}/v1`;
  const metadata = { name: NAME, namespace };
  const roleRef = { apiGroup: GROUP, kind: 'Role', name: NAME };
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: INSTALLED_AS.namespace }];
  return [
    { apiVersion, kind: 'Role', metadata, rules: namespaceRules(namespace, SECRET_NAME) },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ];
}

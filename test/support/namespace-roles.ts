/** The rights of an installation with `namespaces.only`: a Role in each of these namespaces, and nothing cluster-wide. */
import type { KubeObject } from './control-plane/admin-client.ts';
import { INSTALLED_AS, readInstallation } from './install.ts';

const GROUP = 'rbac.authorization.k8s.io';
const NAME = 'ecr-pull-secrets';

/** As in a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** In one namespace. The namespace itself is read by name and watched by the old path: it is never listed. */
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

/** A Role and its binding in each of the namespaces; `serviceAccount` lives where the product is installed. */
export function namespaceRoles(
  namespaces: readonly string[],
  {
    secretName = 'ecr-pull-secret',
    serviceAccount = NAME,
  }: { readonly secretName?: string; readonly serviceAccount?: string } = {},
): readonly KubeObject[] {
  return namespaces.flatMap((namespace) => {
    const apiVersion = `${GROUP}/v1`;
    const metadata = { name: NAME, namespace };
    const subject = { kind: 'ServiceAccount', name: serviceAccount };
    return [
      { apiVersion, kind: 'Role', metadata, rules: namespaceRules(namespace, secretName) },
      {
        apiVersion,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: GROUP, kind: 'Role', name: NAME },
        subjects: [{ ...subject, namespace: INSTALLED_AS.namespace }],
      },
    ];
  });
}

/** As `readInstallation`, with these Roles in the place of what is cluster-wide. */
export async function readNamespacedInstallation(
  namespaces: readonly string[],
): Promise<readonly KubeObject[]> {
  const objects = await readInstallation();
  const namespaced = objects.filter(({ kind = '' }) => !kind.startsWith('Cluster'));
  return [...namespaced, ...namespaceRoles(namespaces)];
}

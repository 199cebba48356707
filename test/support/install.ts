/** Installs the product from manifests/install.yaml as `kubectl apply` would, but for the Deployment: we run it ourselves. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { AdminClient, KubeObject } from './control-plane/admin-client.ts';
import { eventually } from './eventually.ts';

/** The namespace and the ServiceAccount of an installation. */
export const INSTALLED_AS = {
  namespace: 'ecr-pull-secrets',
  serviceAccount: 'ecr-pull-secrets',
} as const;

/** The user that the API server knows our ServiceAccount as. */
export const OUR_USER = 'system:serviceaccount:ecr-pull-secrets:ecr-pull-secrets';

const INSTALL = new URL('../../manifests/install.yaml', import.meta.url);

/** Resolves when its rights are in effect. May be repeated. */
export async function install(admin: AdminClient): Promise<void> {
  for (const object of await readInstallation()) {
    if (object.kind !== 'Deployment') await admin.apply(pathOf(object), object, 'kubectl');
  }
  // The authorizer learns of a binding by a watch of its own; until then a call of ours would meet a 403.
  await eventually({ what: 'the rights of the installation', limitMs: 10_000 }, async () =>
    isAllowed(admin, { verb: 'watch', resource: 'serviceaccounts' }),
  );
}

/** The documents of the file. */
export async function readInstallation(): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments(await readFile(INSTALL, 'utf8'));
  return documents.map((document) => document.toJS() as KubeObject);
}

/** Whether RBAC lets our ServiceAccount, or another user, do this. */
export async function isAllowed(
  admin: AdminClient,
  resourceAttributes: Readonly<Record<string, string>>,
  user = OUR_USER,
): Promise<boolean> {
  const review = await admin.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    spec: { user, resourceAttributes },
  });
  return (review['status'] as { readonly allowed: boolean }).allowed;
}

/** Where objects of the installation live: the group's path, and the plural. */
const COLLECTIONS: Readonly<Record<string, readonly [string, string]>> = {
  Namespace: ['/api/v1', 'namespaces'],
  ServiceAccount: ['/api/v1', 'serviceaccounts'],
  ConfigMap: ['/api/v1', 'configmaps'],
  Service: ['/api/v1', 'services'],
  Lease: ['/apis/coordination.k8s.io/v1', 'leases'],
  Role: ['/apis/rbac.authorization.k8s.io/v1', 'roles'],
  RoleBinding: ['/apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
  ClusterRole: ['/apis/rbac.authorization.k8s.io/v1', 'clusterroles'],
  ClusterRoleBinding: ['/apis/rbac.authorization.k8s.io/v1', 'clusterrolebindings'],
  PodDisruptionBudget: ['/apis/policy/v1', 'poddisruptionbudgets'],
  ValidatingAdmissionPolicy: [
    '/apis/admissionregistration.k8s.io/v1',
    'validatingadmissionpolicies',
  ],
  ValidatingAdmissionPolicyBinding: [
    '/apis/admissionregistration.k8s.io/v1',
    'validatingadmissionpolicybindings',
  ],
};

function pathOf({ kind = '', metadata: { name, namespace } }: KubeObject): string {
  const [group, plural] = COLLECTIONS[kind] ?? [];
  if (group === undefined) {
    throw new Error(`installing ${kind} "${name}": this test does not know where it lives`);
  }
  const inNamespace = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `${group}${inNamespace}/${plural}/${name}`;
}

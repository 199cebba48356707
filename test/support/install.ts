/** Installs the product from manifests/install.yaml as `kubectl apply` would, but for the Deployment: we run it ourselves. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { AdminClient, KubeObject } from './control-plane/admin-client.ts';
import { eventually } from './eventually.ts';
import { pathOf } from './object-path.ts';

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
  await untilGuarded(admin, INSTALLED_AS);
}

/**
 * Until the guard refuses what the rights alone would let us do: a policy takes effect a second or two
 * after it is made. The ServiceAccount is one that is there already, in a namespace where we have rights.
 */
export async function untilGuarded(
  admin: AdminClient,
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
): Promise<void> {
  const labels = { guarded: 'no' };
  const attempts: readonly KubeObject[] = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ecr-pull-secret', namespace } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: serviceAccount, namespace, labels },
    },
  ];
  for (const object of attempts) {
    const path = `${pathOf(object)}?dryRun=All&fieldManager=test`;
    await eventually({ what: `the guard of ${object.kind}s`, limitMs: 30_000 }, async () => {
      const answer = await admin.raw('PATCH', path, object, {
        'content-type': 'application/apply-patch+yaml',
        'impersonate-user': OUR_USER,
      });
      return JSON.stringify(answer.body).includes('ecr-pull-secrets-guard-');
    });
  }
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

/** The objects of manifests/install.yaml, so that the demo's controller has the permissions of an installation. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { ClusterClient, KubeObject } from './cluster-client.ts';

/** The text of the file: inserted by the build; when run from source, the file is read instead. */
declare const ECR_PULL_SECRETS_INSTALLATION: string | undefined;

/** The user name of the installed ServiceAccount. */
export const INSTALLED_USER = 'system:serviceaccount:ecr-pull-secrets:ecr-pull-secrets';

/** Creates the controller's namespace and ServiceAccount: the demo's cluster needs nothing else of an installation. */
export async function install(
  cluster: ClusterClient,
  objects: readonly KubeObject[],
): Promise<void> {
  for (const object of objects) {
    const { namespace = '' } = object.metadata;
    if (object['kind'] === 'Namespace') await cluster.create('/api/v1/namespaces', object);
    if (object['kind'] === 'ServiceAccount') {
      await cluster.create(`/api/v1/namespaces/${namespace}/serviceaccounts`, object);
    }
  }
}

export async function readInstallation(): Promise<readonly KubeObject[]> {
  const text =
    typeof ECR_PULL_SECRETS_INSTALLATION === 'string'
      ? ECR_PULL_SECRETS_INSTALLATION
      : await readFile(new URL('../../manifests/install.yaml', import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
}

/** The objects of manifests/install.yaml: the demo's controller has the rights that an installation has. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { ClusterClient, KubeObject } from './cluster-client.ts';

/** The text of the file: put in by the build, read when run from source. */
declare const ECR_PULL_SECRETS_INSTALLATION: string | undefined;

/** The user that an API server takes the installed ServiceAccount for. */
export const INSTALLED_USER = 'system:serviceaccount:ecr-pull-secrets:ecr-pull-secrets';

/** What of an installation the demo's cluster has a place for: where the controller runs, were it a Pod. */
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

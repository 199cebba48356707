/** Checks that the demo can begin on a real cluster: it answers, and namespaces may be created and deleted. */
import { renderError } from '../../src/domain/errors.ts';
import type { ClusterClient } from './cluster-client.ts';

/** Throws an Error with the cause and the fix. */
export async function checkPermissions(cluster: ClusterClient, address: string): Promise<void> {
  try {
    await cluster.find('/version');
  } catch (error) {
    const why = renderError(error);
    throw new Error(
      `reaching ${address}: ${why}; check the address and the user in the kubeconfig, and that the API server is up`,
      { cause: error },
    );
  }
  for (const verb of ['create', 'delete']) {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const { status } = await cluster.create(path, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, resource: 'namespaces' } },
    });
    if ((status as { readonly allowed: boolean }).allowed) continue;
    throw new Error(
      `the user of this kubeconfig may not ${verb} namespaces, which the demo needs: use another one`,
    );
  }
}

/** Gives the installation exactly the rights that we say an instance needs, in the place of those of the manifest. */
import { type Instance, instanceOf } from '../../src/domain/contract.ts';
import { WHOLE_CLUSTER } from '../../src/domain/scope.ts';
import { neededAccess } from '../../src/kubernetes/needed-access.ts';
import type { AdminClient } from './control-plane/admin-client.ts';
import { eventually } from './eventually.ts';
import { INSTALLED_AS, isAllowed } from './install.ts';

const CLUSTER_ROLE = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${INSTALLED_AS.serviceAccount}`;

/** Resolves when they are in effect. */
export async function grantNeeded(
  admin: AdminClient,
  secretName: string,
  previousSecretNames: readonly string[] = [],
): Promise<void> {
  const instance = instanceOf('default', secretName, previousSecretNames);
  await admin.mergePatch(CLUSTER_ROLE, { rules: rulesFor(instance) });
  const right = { verb: 'watch', resource: 'secrets', name: secretName };
  await eventually({ what: `the rights on ${secretName}`, limitMs: 10_000 }, async () =>
    isAllowed(admin, right),
  );
}

function rulesFor(instance: Instance): readonly object[] {
  return neededAccess(instance, WHOLE_CLUSTER)
    .filter(({ namespaces }) => namespaces === 'all')
    .map(({ verb, group, resource, objectName }) => ({
      apiGroups: [group],
      resources: [resource],
      verbs: [verb],
      ...(objectName === undefined ? {} : { resourceNames: [objectName] }),
    }));
}

/** What an upgrade of names changes beside the configuration: exactly the rights that we say are needed, and the guard. */
import { type Instance, instanceOf } from '../../src/domain/contract.ts';
import { WHOLE_CLUSTER } from '../../src/domain/scope.ts';
import { neededAccess } from '../../src/kubernetes/needed-access.ts';
import { applyPolicies, renderPolicies } from './chart/render-policies.ts';
import type { AdminClient } from './control-plane/admin-client.ts';
import { eventually } from './eventually.ts';
import { INSTALLED_AS, isAllowed, OUR_USER } from './install.ts';

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
  const config = { secretName, previousSecretNames };
  await applyPolicies(admin, await renderPolicies({ config }));
  await untilAdmitted(admin, secretName);
}

/** A changed policy takes effect a second or two later. */
async function untilAdmitted(admin: AdminClient, secretName: string): Promise<void> {
  const { namespace, serviceAccount } = INSTALLED_AS;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}?dryRun=All`;
  const body = { imagePullSecrets: [{ name: secretName }] };
  await eventually({ what: `the guard lets ${secretName} pass`, limitMs: 30_000 }, async () => {
    const headers = {
      'content-type': 'application/merge-patch+json',
      'impersonate-user': OUR_USER,
    };
    return (await admin.raw('PATCH', path, body, headers)).status === 200;
  });
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

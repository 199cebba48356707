/** A second instance next to the first on the simulator, with its own Secret name and only the permissions that it needs. */
import { instanceOf } from '../../../src/domain/contract.ts';
import { WHOLE_CLUSTER } from '../../../src/domain/scope.ts';
import { requiredPermissions } from '../../../src/kubernetes/required-permissions.ts';
import type { AccessRule } from '../../../simulator/requests/access.ts';
import { INSTALLED_AS } from '../cluster/install.ts';
import type { SimulatedController } from './simulated-controller.ts';
import type { SimulatedWorld } from './simulated-world.ts';

export const SECOND = {
  instance: 'second',
  secretName: 'registry-access',
  user: `system:serviceaccount:${INSTALLED_AS.namespace}:second-ecr-pull-secrets`,
} as const;

/** Starts it and gives it time to settle, as `world.run` does. */
export function runSecond(world: SimulatedWorld, elected = false): Promise<SimulatedController> {
  const { instance, secretName, user } = SECOND;
  world.simulator.setAccess(user, rulesOf(instance, secretName));
  const config = `secretName: ${secretName}`;
  return world.run({ instance, user, config, elected, reporter: instance });
}

function rulesOf(instance: string, secretName: string): readonly AccessRule[] {
  return requiredPermissions(instanceOf(instance, secretName), WHOLE_CLUSTER).map(
    ({ verb, group, resource, objectName, namespaces }) => ({
      verbs: [verb],
      apiGroups: [group],
      resources: [resource],
      ...(objectName === undefined ? {} : { resourceNames: [objectName] }),
      ...(namespaces === 'own' ? { namespace: INSTALLED_AS.namespace } : {}),
    }),
  );
}

/** One control plane for a whole run of the `cluster` tests in one RBAC mode: started by jest, found through the environment. */
import { rbacMode, type RbacMode } from '../rbac-mode.ts';
import { ControlPlane } from './control-plane.ts';

/** Each mode has its own: where there are Roles only, nobody's ClusterRole may help. */
export const SHARED_DIR_VARIABLES: Readonly<Record<RbacMode, string>> = {
  named: 'ECR_PULL_SECRETS_TEST_CONTROL_PLANE',
  namespaces: 'ECR_PULL_SECRETS_TEST_CONTROL_PLANE_OF_ROLES',
};

/** Make your own namespaces; don't stop it. What needs a fresh or a broken server calls `startControlPlane`. */
export async function sharedControlPlane(mode = rbacMode()): Promise<ControlPlane> {
  const dir = process.env[SHARED_DIR_VARIABLES[mode]];
  if (dir === undefined) throw new Error('finding the control plane: run `npm run test:cluster`');
  return ControlPlane.open(dir);
}

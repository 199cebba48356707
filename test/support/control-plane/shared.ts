/** One control plane for a whole run of the `cluster` tests: started by jest, found through the environment. */
import { ControlPlane } from './control-plane.ts';

export const SHARED_DIR_VARIABLE = 'ECR_PULL_SECRETS_TEST_CONTROL_PLANE';

/** Make your own namespaces; don't stop it. What needs a fresh or a broken server calls `startControlPlane`. */
export async function sharedControlPlane(): Promise<ControlPlane> {
  const dir = process.env[SHARED_DIR_VARIABLE];
  if (dir === undefined) throw new Error('finding the control plane: run `npm run test:cluster`');
  return ControlPlane.open(dir);
}

/** The control plane that the suites of one jest worker and one RBAC mode share. */
import { ControlPlane } from './control-plane.ts';

/** The variable with its directory, which the suite's environment sets (test/support/jest/control-plane-environment.ts). */
export const SHARED = 'SHARED_CONTROL_PLANE';

/**
 * Make your own namespaces; neither stop nor restart it: a server that a suite starts again ends with that suite, and all
 * that follow find none. What needs a fresh or a broken server calls `startControlPlane`.
 */
export async function sharedControlPlane(): Promise<ControlPlane> {
  const dir = (globalThis as { readonly [SHARED]?: string })[SHARED];
  if (dir === undefined) {
    throw new Error('finding the control plane: the project of this suite starts none');
  }
  return ControlPlane.open(dir);
}

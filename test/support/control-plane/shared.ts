/** The control plane that the suites of one jest worker and one RBAC mode share. */
import { ControlPlane } from './control-plane.ts';

/** The global with its directory, set by the suite's environment (test/support/jest/control-plane-environment.ts). */
export const SHARED = 'SHARED_CONTROL_PLANE';

/**
 * Create your own namespaces, and neither stop nor restart the control plane: a server that a suite restarts ends with
 * that suite, and later suites find none. A test that needs a fresh or a broken server calls `startControlPlane`.
 */
export async function sharedControlPlane(): Promise<ControlPlane> {
  const dir = (globalThis as { readonly [SHARED]?: string })[SHARED];
  if (dir === undefined) {
    throw new Error("finding the control plane: this suite's jest project starts none");
  }
  return ControlPlane.open(dir);
}

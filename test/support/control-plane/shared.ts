/** The control plane that the suites of one jest worker share, one in each RBAC mode. */
import { rbacMode, type RbacMode } from '../rbac-mode.ts';
import { ControlPlane } from './control-plane.ts';

/** What the suite's environment puts into its realm (test/support/jest/control-plane-environment.ts). */
export const SHARED = Symbol.for('ecr-pull-secrets: shared control plane');
export interface SharingRealm {
  /** The directory of the control plane, which it starts where it was not yet. */
  [SHARED]?: (mode: RbacMode) => Promise<string>;
}

/**
 * Each mode has its own: where there are Roles only, nobody's ClusterRole may help. Make your own namespaces; don't stop
 * it. What needs a fresh or a broken server calls `startControlPlane`.
 */
export async function sharedControlPlane(mode = rbacMode()): Promise<ControlPlane> {
  const directoryOf = (globalThis as SharingRealm)[SHARED];
  if (directoryOf === undefined) {
    throw new Error('finding the control plane: this suite is in no project that has one');
  }
  return ControlPlane.open(await directoryOf(mode));
}

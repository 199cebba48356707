/** jest environment for suites that use a real control plane. Each jest worker has its own, so that workers don't share one. */
import { rmSync } from 'node:fs';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { SHARED } from '../control-plane/shared.ts';
import { startControlPlane } from '../control-plane/start.ts';
import SuiteEnvironment from './suite-environment.ts';

/**
 * One per RBAC mode for the life of this process: with Roles only, a leftover ClusterRole must not help. If one could not
 * be started, it is not tried again for the next suite.
 */
const started = new Map<unknown, Promise<ControlPlane>>();

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class ControlPlaneEnvironment extends SuiteEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    const mode = this.global['RBAC_MODE'];
    const controlPlane = started.get(mode) ?? startUntilEnd();
    started.set(mode, controlPlane);
    this.global[SHARED] = (await controlPlane).dir;
  }
}

/** Only the directory needs removal: the programs end with this process by themselves. */
async function startUntilEnd(): Promise<ControlPlane> {
  const controlPlane = await startControlPlane();
  process.once('exit', () => rmSync(controlPlane.dir, { recursive: true, force: true }));
  return controlPlane;
}

/** jest's environment of suites that use a real control plane. It is a worker's own: the suites of two workers don't meet. */
import { rmSync } from 'node:fs';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { SHARED } from '../control-plane/shared.ts';
import { startControlPlane } from '../control-plane/start.ts';
import SuiteEnvironment from './suite-environment.ts';

/**
 * Of this process, to its end, and one for each RBAC mode: where there are Roles only, nobody's ClusterRole may help. One
 * that could not be started is not tried again for the next suite.
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

/** Its programs end with us by themselves. */
async function startUntilEnd(): Promise<ControlPlane> {
  const controlPlane = await startControlPlane();
  process.once('exit', () => rmSync(controlPlane.dir, { recursive: true, force: true }));
  return controlPlane;
}

/** jest's environment of suites that use a real control plane, which is a worker's own: two workers don't meet. */
import { rmSync } from 'node:fs';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { SHARED, type SharingRealm } from '../control-plane/shared.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { RbacMode } from '../rbac-mode.ts';
import SuiteEnvironment from './suite-environment.ts';

/** Of this process, to its end; one that could not be started is not tried again for every suite. */
const started = new Map<RbacMode, Promise<ControlPlane>>();

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class ControlPlaneEnvironment extends SuiteEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    (this.global as SharingRealm)[SHARED] = directoryOf;
  }
}

async function directoryOf(mode: RbacMode): Promise<string> {
  const controlPlane = started.get(mode) ?? startUntilEnd();
  started.set(mode, controlPlane);
  return (await controlPlane).dir;
}

/** Its programs end with us by themselves. */
async function startUntilEnd(): Promise<ControlPlane> {
  const controlPlane = await startControlPlane();
  process.once('exit', () => rmSync(controlPlane.dir, { recursive: true, force: true }));
  return controlPlane;
}

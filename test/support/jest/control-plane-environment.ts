/** jest environment for suites that use a real control plane. Each jest worker has its own, so that workers don't share one. */
import { rmSync } from 'node:fs';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { SHARED } from '../control-plane/shared.ts';
import { type ControlPlaneOptions, startControlPlane } from '../control-plane/start.ts';
import SuiteEnvironment from './suite-environment.ts';

/**
 * One per RBAC mode and version for the life of this process: with Roles only, a leftover ClusterRole must not help. If one
 * could not be started, it is not tried again for the next suite.
 */
const started = new Map<string, Promise<ControlPlane>>();

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default class ControlPlaneEnvironment extends SuiteEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    const { RBAC_MODE: mode, KUBERNETES: version } = this.global;
    const kind = JSON.stringify([mode, version]);
    const controlPlane =
      started.get(kind) ?? startUntilEnd(version === 'oldest' ? { version } : {});
    started.set(kind, controlPlane);
    this.global[SHARED] = (await controlPlane).dir;
  }
}

/** Only the directory needs removal: the programs end with this process by themselves. */
async function startUntilEnd(options: ControlPlaneOptions): Promise<ControlPlane> {
  const controlPlane = await startControlPlane(options);
  process.once('exit', () => rmSync(controlPlane.dir, { recursive: true, force: true }));
  return controlPlane;
}

/** jest calls this once, before the first `roles` test. */
import { startControlPlane } from './start.ts';
import { SHARED_DIR_VARIABLES } from './shared.ts';

// oxlint-disable-next-line import/no-default-export -- jest's contract
export default async function startShared(): Promise<void> {
  const controlPlane = await startControlPlane();
  process.env[SHARED_DIR_VARIABLES.namespaces] = controlPlane.dir;
}

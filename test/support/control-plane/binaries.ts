/** Finds the programs of a real control plane. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROL_PLANE, OLDEST_API_SERVER } from '../tools/control-plane.ts';
import { findTool } from '../tools/tool.ts';

const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
export type ControlPlaneProgram = (typeof PROGRAMS)[number];
export type Binaries = Readonly<Record<ControlPlaneProgram, string>>;

/**
 * In `KUBEBUILDER_ASSETS` if it is set (it must then contain all three), else in the output of `npm run build:tools`.
 * Throws an Error that contains the fix.
 */
export async function findBinaries(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Binaries> {
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets === undefined || assets === '') return binariesIn(await findTool(CONTROL_PLANE, env));
  const missing = await missingIn(assets);
  if (missing.length === 0) return binariesIn(assets);
  throw new Error(
    `finding the control plane: KUBEBUILDER_ASSETS=${assets} lacks ${missing.join(', ')}; ` +
      'kube-controller-manager is not part of the usual envtest archives. ' +
      'Add it, or unset KUBEBUILDER_ASSETS to use a build from Go modules.',
  );
}

/** An API server of the oldest version that we support, with the other programs of the newest. */
export async function findOldestBinaries(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Binaries> {
  const oldest = await findTool(OLDEST_API_SERVER, env);
  return { ...(await findBinaries(env)), 'kube-apiserver': join(oldest, 'kube-apiserver') };
}

function binariesIn(directory: string): Binaries {
  return {
    etcd: join(directory, 'etcd'),
    'kube-apiserver': join(directory, 'kube-apiserver'),
    'kube-controller-manager': join(directory, 'kube-controller-manager'),
  };
}

async function missingIn(directory: string): Promise<readonly string[]> {
  const found = await Promise.all(PROGRAMS.map((name) => isExecutable(join(directory, name))));
  return PROGRAMS.filter((_, index) => found[index] === false);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

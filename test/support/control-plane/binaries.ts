/** Where the programs of a real control plane are; builds them once per user where they are not. */
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildBinaries } from './build-binaries.ts';

export const KUBERNETES_VERSION = 'v1.36.3';
export const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;
export type ControlPlaneProgram = (typeof PROGRAMS)[number];
export type Binaries = Readonly<Record<ControlPlaneProgram, string>>;
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `KUBEBUILDER_ASSETS` if it is set (then it must hold all three), else the per-user cache, else a build from
 * Go modules into that cache: minutes once, told on stderr. Throws an Error that says how to mend it.
 */
export async function findBinaries(env: Environment = process.env): Promise<Binaries> {
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '') {
    const missing = await missingIn(assets);
    if (missing.length === 0) return binariesIn(assets);
    throw new Error(
      `finding the control plane: KUBEBUILDER_ASSETS=${assets} lacks ${missing.join(', ')}; ` +
        'kube-controller-manager is not part of the usual envtest archives. ' +
        'Add it, or unset KUBEBUILDER_ASSETS to use a build from Go modules.',
    );
  }
  const directory = join(testCache(env), 'control-plane', KUBERNETES_VERSION);
  const missing = async () => (await missingIn(directory)).length > 0;
  if (await missing()) await buildBinaries(directory, KUBERNETES_VERSION, missing);
  return binariesIn(directory);
}

/** What tests of this project keep between runs, per user. */
export function testCache(env: Environment = process.env): string {
  const home = env['XDG_CACHE_HOME'];
  return join(
    home === undefined || home === '' ? join(homedir(), '.cache') : home,
    'ecr-pull-secrets',
  );
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

/** Whether this user may run it. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

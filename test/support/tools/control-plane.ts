/** Builds etcd and the Kubernetes programs from their Go modules: no containers, no downloaded binaries. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadModule, go } from './go-tools.ts';
import type { Tool } from './tool.ts';

export const KUBERNETES_VERSION = 'v1.36.3';
/** Of the oldest minor version that we support. */
const OLDEST_VERSION = 'v1.30.14';
const ETCD = { path: 'go.etcd.io/etcd/server/v3', version: 'v3.6.8' };
const API_SERVER = 'k8s.io/kubernetes/cmd/kube-apiserver';

export const CONTROL_PLANE: Tool = {
  name: 'control-plane',
  version: KUBERNETES_VERSION,
  fill: async (directory, work) =>
    buildPrograms(directory, work, {
      version: KUBERNETES_VERSION,
      packages: [ETCD.path, API_SERVER, 'k8s.io/kubernetes/cmd/kube-controller-manager'],
    }),
};

/** Only an API server: etcd and the controllers of the newest version do for it. Built only if it is named. */
export const OLDEST_API_SERVER: Tool = {
  name: 'oldest-apiserver',
  version: OLDEST_VERSION,
  fill: async (directory, work) =>
    buildPrograms(directory, work, { version: OLDEST_VERSION, packages: [API_SERVER] }),
};

interface Programs {
  /** Of Kubernetes. */
  readonly version: string;
  readonly packages: readonly string[];
}

async function buildPrograms(directory: string, work: string, programs: Programs): Promise<void> {
  const { version, packages } = programs;
  const kubernetes = await downloadModule(`k8s.io/kubernetes@${version}`, work);
  const goMod = await readFile(join(kubernetes, 'go.mod'), 'utf8');
  await writeFile(join(work, 'go.mod'), renderGoMod(goMod, programs));
  await writeFile(join(work, 'tools.go'), renderToolsFile(packages));
  for (const path of packages) {
    const flags = ['-mod=mod', '-trimpath', '-ldflags', linkerFlags(version)];
    await go(['build', ...flags, '-o', join(directory, programOf(path)), path], work);
  }
}

/** Without this, `go build` would name etcd `v3`. */
function programOf(path: string): string {
  return path.startsWith('go.etcd.io/') ? 'etcd' : path.slice(path.lastIndexOf('/') + 1);
}

/** Kubernetes requires its staging modules as v0.0.0 from its own tree; the published versions are v0.<minor>. */
function renderGoMod(kubernetesGoMod: string, { version, packages }: Programs): string {
  const staging = [...kubernetesGoMod.matchAll(/^\s+(k8s\.io\/[a-z0-9-]+) v0\.0\.0$/gm)];
  const published = version.replace(/^v1\./, 'v0.');
  const replaced = staging.map(([, path]) => `replace ${path} => ${path} ${published}\n`);
  return `module control-plane

go 1.26.0

require k8s.io/kubernetes ${version}
${packages.includes(ETCD.path) ? `require ${ETCD.path} ${ETCD.version}\n` : ''}
${[...new Set(replaced)].join('')}`;
}

/** Makes the modules direct requirements, so that Go records their checksums. */
function renderToolsFile(packages: readonly string[]): string {
  const imports = packages.map((path) => `\t_ "${path}"\n`).join('');
  return `//go:build tools\n\npackage tools\n\nimport (\n${imports})\n`;
}

function linkerFlags(version: string): string {
  const [major, minor] = version.slice(1).split('.');
  const stamp = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const sets = Object.entries(stamp).map(
    ([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`,
  );
  return ['-s -w', ...sets].join(' ');
}

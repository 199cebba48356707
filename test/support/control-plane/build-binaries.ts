/** Builds etcd and the Kubernetes programs from their Go modules: no containers, no downloads of binaries. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildOnce } from '../go/build-once.ts';
import { runGo } from '../go/run-go.ts';

const ETCD_VERSION = 'v3.6.8';
const PACKAGES = [
  'go.etcd.io/etcd/server/v3',
  'k8s.io/kubernetes/cmd/kube-apiserver',
  'k8s.io/kubernetes/cmd/kube-controller-manager',
];
/** What `go build` would name `etcd` otherwise is `v3`. */
const programOf = (path: string) =>
  path.startsWith('go.etcd.io/') ? 'etcd' : path.slice(path.lastIndexOf('/') + 1);

/** As `buildOnce`: in one step, and once for all who ask. */
export async function buildBinaries(
  directory: string,
  version: string,
  stillMissing: () => Promise<boolean>,
): Promise<void> {
  const fill = async (work: string, bin: string) => build(work, bin, version);
  await buildOnce({ directory, stillMissing, build: fill, say });
}

async function build(work: string, bin: string, version: string): Promise<void> {
  say(
    `building Kubernetes ${version} and etcd ${ETCD_VERSION} from Go modules, once for this user`,
  );
  say('this takes 5 to 10 minutes on two cores with an empty Go cache');
  const about = JSON.parse(
    await go(work, ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`]),
  ) as {
    readonly GoMod: string;
  };
  await writeFile(join(work, 'go.mod'), renderGoMod(await readFile(about.GoMod, 'utf8'), version));
  await writeFile(join(work, 'tools.go'), renderToolsFile());
  for (const [index, path] of PACKAGES.entries()) {
    const startedAt = Date.now();
    say(`${index + 1}/${PACKAGES.length} ${programOf(path)}`);
    const target = join(bin, programOf(path));
    await go(work, ['build', '-ldflags', linkerFlags(version), '-o', target, path]);
    say(
      `${index + 1}/${PACKAGES.length} ${programOf(path)}: ${Math.round((Date.now() - startedAt) / 1000)} s`,
    );
  }
}

/** Kubernetes' staging modules are required as v0.0.0 and live in its own tree; published, they are v0.<minor>. */
export function renderGoMod(kubernetesGoMod: string, version: string): string {
  const staging = [...kubernetesGoMod.matchAll(/^\s+(k8s\.io\/[a-z0-9-]+) v0\.0\.0$/gm)];
  const published = version.replace(/^v1\./, 'v0.');
  const replaced = staging.map(([, path]) => `replace ${path} => ${path} ${published}\n`);
  return `module control-plane

go 1.26.0

require k8s.io/kubernetes ${version}
require go.etcd.io/etcd/server/v3 ${ETCD_VERSION}

${[...new Set(replaced)].join('')}`;
}

/** Makes the modules direct requirements, so that their sums are written. */
function renderToolsFile(): string {
  const imports = PACKAGES.map((path) => `\t_ "${path}"\n`).join('');
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

async function go(cwd: string, args: readonly string[]): Promise<string> {
  const orElse =
    ', or set KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver and kube-controller-manager';
  return runGo({ what: 'the control plane', cwd, mod: 'mod', orElse }, args);
}

function say(line: string): void {
  process.stderr.write(`control plane: ${line}\n`);
}

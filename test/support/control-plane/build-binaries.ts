/** Builds etcd and the Kubernetes programs from their Go modules: no containers, no downloads of binaries. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withFileLock } from './file-lock.ts';

const ETCD_VERSION = 'v3.6.8';
const PACKAGES = [
  'go.etcd.io/etcd/server/v3',
  'k8s.io/kubernetes/cmd/kube-apiserver',
  'k8s.io/kubernetes/cmd/kube-controller-manager',
];
/** What `go build` would name `etcd` otherwise is `v3`. */
const programOf = (path: string) =>
  path.startsWith('go.etcd.io/') ? 'etcd' : path.slice(path.lastIndexOf('/') + 1);

/**
 * Fills `directory` in one step (a rename), so that a half-done build is never seen. Of several builders at
 * once one builds and the others wait for it. `stillMissing` is asked again once the lock is held.
 */
export async function buildBinaries(
  directory: string,
  version: string,
  stillMissing: () => Promise<boolean>,
): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const onWait = (pid: number) => say(`process ${pid} is building it already, waiting`);
  await withFileLock(`${directory}.lock`, onWait, async () => {
    if (!(await stillMissing())) return;
    const work = `${directory}.building`;
    await rm(work, { recursive: true, force: true });
    await mkdir(join(work, 'bin'), { recursive: true });
    await build(work, version);
    await rm(directory, { recursive: true, force: true });
    await rename(join(work, 'bin'), directory);
    await rm(work, { recursive: true, force: true });
    say(`done: ${directory}`);
  });
}

async function build(work: string, version: string): Promise<void> {
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
    const target = join(work, 'bin', programOf(path));
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

/** Runs the Go tool and returns its stdout; what it says on stderr is quoted when it fails. */
async function go(cwd: string, args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOFLAGS: '-mod=mod -buildvcs=false',
    GOWORK: 'off',
  };
  const child = spawn('go', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err = (err + String(chunk)).slice(-8_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) => reject(new Error(withoutGo(), { cause })));
    child.on('close', resolve);
  });
  if (code === 0) return out;
  throw new Error(`building the control plane: go ${args[0]} ended with ${code}\n${err || out}`);
}

function withoutGo(): string {
  return (
    'building the control plane: there is no `go` in PATH. Install Go 1.26 or later (https://go.dev/dl), ' +
    'or set KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver and kube-controller-manager.'
  );
}

function say(line: string): void {
  process.stderr.write(`control plane: ${line}\n`);
}

/** Creates base images from this machine: the Node that runs us with its libraries, and for the build a shell and npm. */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Buildah } from './buildah.ts';
import { npmProgram } from './npm-settings.ts';

export interface Bases {
  readonly build: string;
  readonly runtime: string;
}

const CONTAINERFILE = 'FROM scratch\nCOPY . /\nENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin\n';
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/:/bin/false\n';

/** Replacements for the base images that the Dockerfile names, which a machine without a container registry can't pull. */
export async function makeBases(buildah: Buildah): Promise<Bases> {
  const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-base-'));
  const [file, files] = [join(dir, 'Containerfile'), join(dir, 'files')];
  const bases = { build: 'localhost/build-base', runtime: 'localhost/runtime-base' };
  try {
    await writeFile(file, CONTAINERFILE);
    await layNode(files);
    await buildah.build(bases.runtime, ['--file', file, files]);
    await layTools(files);
    await buildah.build(bases.build, ['--file', file, files]);
    return bases;
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Puts Node where the distroless image has it. */
async function layNode(root: string): Promise<void> {
  await layProgram(root, process.execPath, '/nodejs/bin/node');
  await mkdir(join(root, 'etc'));
  await writeFile(join(root, 'etc/passwd'), PASSWD);
}

/** Adds what `npm ci` and `npm run` need. */
async function layTools(root: string): Promise<void> {
  await layProgram(root, '/bin/sh', '/bin/sh');
  await layProgram(root, '/usr/bin/env', '/usr/bin/env');
  const home = join(root, 'usr/local/lib/node_modules/npm');
  await cp(dirname(dirname(npmProgram())), home, { recursive: true, verbatimSymlinks: true });
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}

/** Copies a program, and its linked libraries to the same paths as on this machine. */
async function layProgram(root: string, file: string, at: string): Promise<void> {
  const { stdout } = await promisify(execFile)('ldd', [file]);
  const libraries = [...stdout.matchAll(/(?:^|\s)(\/\S+)/g)].map(([, path = '']) => path);
  await lay(root, file, at);
  for (const library of libraries) await lay(root, library, library);
}

async function lay(root: string, file: string, at: string): Promise<void> {
  const target = join(root, at);
  await mkdir(dirname(target), { recursive: true });
  await cp(file, target, { dereference: true });
}

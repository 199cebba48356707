/** Builds the real image from the Dockerfile, on base images made from this machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAsRoot } from './as-root.ts';
import { Buildah, type ImageConfig } from './buildah.ts';
import { makeBases } from './local-bases.ts';
import { npmCache, readNpmSettings } from './npm-settings.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TAG = 'localhost/ecr-pull-secrets';

export interface BuiltImage {
  readonly config: ImageConfig;
  /** The directory of its files. They belong to root, and only root can read them. */
  readonly files: string;
  /** The paths of all files and folders, relative to `files`. */
  readonly paths: readonly string[];
  /** The total size of all files, uncompressed. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** Takes about half a minute. `args`: build arguments in addition to the base images. */
export async function buildImage(args: Readonly<Record<string, string>>): Promise<BuiltImage> {
  const buildah = await Buildah.open();
  try {
    const bases = await makeBases(buildah);
    const all = { BUILD_IMAGE: bases.build, RUNTIME_IMAGE: bases.runtime, ...args };
    const named = Object.entries(all).map(([name, value]) => `--build-arg=${name}=${value}`);
    await withSecrets(async (secrets) => {
      await buildah.build(TAG, [...named, ...secrets, ...(await cacheOptions()), ROOT]);
    });
    const files = await buildah.mount(TAG);
    const found = await runAsRoot(['find', files, '-mindepth', '1', '-printf', '%P\\n']);
    const bytes = Number.parseInt(await runAsRoot(['du', '--summarize', '--bytes', files]), 10);
    const config = await buildah.configOf(TAG);
    const paths = found.trim().split('\n');
    return { config, files, paths, bytes, close: async () => buildah.close() };
  } catch (error) {
    await buildah.close();
    throw error;
  }
}

/** Uses npm's cache, but only as root: the build would leave files of root in another user's cache. */
async function cacheOptions(): Promise<readonly string[]> {
  return process.getuid?.() === 0 ? [`--volume=${await npmCache()}:/root/.npm`] : [];
}

/** Calls `use` with the options that pass the secrets, and removes the secrets afterwards. */
async function withSecrets(use: (options: readonly string[]) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-npm-'));
  try {
    const npmrc = join(dir, 'npmrc');
    await writeFile(npmrc, await readNpmSettings(), { mode: 0o600 });
    const ca = process.env['NODE_EXTRA_CA_CERTS'];
    const ofCa = ca === undefined ? [] : [`--secret=id=ca,src=${ca}`];
    await use([`--secret=id=npmrc,src=${npmrc}`, ...ofCa]);
  } finally {
    await rm(dir, { recursive: true });
  }
}

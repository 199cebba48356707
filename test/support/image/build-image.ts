/** The image, really built from the Dockerfile, on bases that are made here. */
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
  /** Where its files are. They belong to root, and only root may look. */
  readonly files: string;
  /** Of all files and folders, from there. */
  readonly paths: readonly string[];
  /** All files together, uncompressed. */
  readonly bytes: number;
  close(): Promise<void>;
}

/** About half a minute. `args` are build arguments beside the bases. */
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

/** What is in npm's cache already. Of another user's it would leave files that belong to root. */
async function cacheOptions(): Promise<readonly string[]> {
  return process.getuid?.() === 0 ? [`--volume=${await npmCache()}:/root/.npm`] : [];
}

/** Gives `use` the options that hand them over, and removes them. */
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

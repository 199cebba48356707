/** buildah with a storage of its own, which goes in the end: it needs no daemon, no registry and no network of its own. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAsRoot } from './as-root.ts';

/** Of an OCI image's configuration, what a runtime starts it by. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly StopSignal: string;
}

export class Buildah {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async open(): Promise<Buildah> {
    return new Buildah(await mkdtemp(join(tmpdir(), 'ecr-pull-secrets-image-')));
  }

  /** `options` and the context, as after `buildah build`. */
  async build(tag: string, options: readonly string[]): Promise<void> {
    // chroot: works inside containers and other sandboxes, too.
    await this.#run(['build', '--isolation', 'chroot', '--quiet', '--tag', tag, ...options]);
  }

  async configOf(tag: string): Promise<ImageConfig> {
    const told = await this.#run(['inspect', '--type', 'image', tag]);
    const { OCIv1 } = JSON.parse(told) as { readonly OCIv1: { readonly config: ImageConfig } };
    return OCIv1.config;
  }

  /** The directory of a new container's files, as the image has them. */
  async mount(tag: string): Promise<string> {
    const name = (await this.#run(['from', '--pull-never', tag])).trim();
    return (await this.#run(['mount', name])).trim();
  }

  async close(): Promise<void> {
    await this.#run(['rm', '--all']);
    await runAsRoot(['rm', '-rf', this.#dir]);
  }

  async #run(args: readonly string[]): Promise<string> {
    const place = ['--root', join(this.#dir, 'storage'), '--runroot', join(this.#dir, 'run')];
    // vfs: works on every file system. It copies, which a few small images can afford.
    return runAsRoot(['buildah', ...place, '--storage-driver', 'vfs', ...args]);
  }
}

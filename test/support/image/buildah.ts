/** buildah with its own storage, which is removed in the end. Needs no daemon, no registry and no network of its own. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAsRoot } from './as-root.ts';

/** The parts of an OCI image's configuration that a runtime uses to start it. */
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

  /** `options`: options and the context, as after `buildah build`. */
  async build(tag: string, options: readonly string[]): Promise<void> {
    // chroot isolation also works inside containers and other sandboxes.
    await this.#run(['build', '--isolation', 'chroot', '--quiet', '--tag', tag, ...options]);
  }

  async configOf(tag: string): Promise<ImageConfig> {
    const output = await this.#run(['inspect', '--type', 'image', tag]);
    const { OCIv1 } = JSON.parse(output) as { readonly OCIv1: { readonly config: ImageConfig } };
    return OCIv1.config;
  }

  /** Mounts a new container of the image; returns the directory of its files. */
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
    // vfs works on every file system. It copies files, which is acceptable for a few small images.
    return runAsRoot(['buildah', ...place, '--storage-driver', 'vfs', ...args]);
  }
}

/** Fills a directory of the per-user cache once, whoever else wants it at the same time. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withFileLock } from '../control-plane/file-lock.ts';

export interface Build {
  /** Where the programs shall be. */
  readonly directory: string;
  /** Asked again once the lock is held. */
  readonly stillMissing: () => Promise<boolean>;
  /** Puts programs into `bin`; may use the rest of `work`. */
  readonly build: (work: string, bin: string) => Promise<void>;
  readonly say: (line: string) => void;
}

/**
 * Fills the directory in one step (a rename), so that a half-done build is never seen. Of several builders at once
 * one builds and the others wait for it.
 */
export async function buildOnce({ directory, stillMissing, build, say }: Build): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const onWait = (pid: number) => say(`process ${pid} is building it already, waiting`);
  await withFileLock(`${directory}.lock`, onWait, async () => {
    if (!(await stillMissing())) return;
    const work = `${directory}.building`;
    const bin = join(work, 'bin');
    await rm(work, { recursive: true, force: true });
    await mkdir(bin, { recursive: true });
    await build(work, bin);
    await rm(directory, { recursive: true, force: true });
    await rename(bin, directory);
    await rm(work, { recursive: true, force: true });
    say(`done: ${directory}`);
  });
}

/** A lock between processes on one machine: a file that contains its owner's pid. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../control-plane/guarded-process.ts';

/** Consecutive checks: an owner that takes ten seconds to write its pid has died meanwhile, or the disk is full. */
const MOST_UNREADABLE = 20;

/** Runs `work` while holding the lock. Takes over the lock of a process that is gone. */
export async function withFileLock<T>(
  path: string,
  onWait: (ownerPid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  let hasReported = false;
  let unreadable = 0;
  while (!(await tryTake(path))) {
    const owner = await readOwner(path);
    unreadable = owner === undefined ? unreadable + 1 : 0;
    if (unreadable > MOST_UNREADABLE || (owner !== undefined && !isAlive(owner))) {
      await rm(path, { force: true });
      unreadable = 0;
      continue;
    }
    if (!hasReported && owner !== undefined) onWait(owner);
    hasReported = true;
    await delay(500);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryTake(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw err;
  }
}

/** `undefined` while the owner is between creating the file and writing its pid, or if it has just released the lock. */
async function readOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

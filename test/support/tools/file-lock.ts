/** A lock between processes of one machine: a file that holds its owner's pid. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from '../control-plane/guarded-process.ts';

/** Looks in a row: who takes ten seconds to write a pid has died over it, or the disk was full. */
const MOST_UNREADABLE = 20;

/** Runs `work` while holding the lock. The lock of a process that is gone is taken over. */
export async function withFileLock<T>(
  path: string,
  onWait: (ownerPid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  let unreadable = 0;
  while (!(await tryTake(path))) {
    const owner = await readOwner(path);
    unreadable = owner === undefined ? unreadable + 1 : 0;
    if (unreadable > MOST_UNREADABLE || (owner !== undefined && !isAlive(owner))) {
      await rm(path, { force: true });
      unreadable = 0;
      continue;
    }
    if (!told && owner !== undefined) onWait(owner);
    told = true;
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

/** Undefined while the owner is between making the file and writing its pid, or has just released it. */
async function readOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

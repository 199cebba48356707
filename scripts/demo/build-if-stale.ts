/** Makes sure that dist/main.mjs is what src says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Throws an Error where the build fails; it has told why on stderr. */
export async function buildIfStale(root: string, onBuild: () => void): Promise<void> {
  if (await isFresh(root)) return;
  onBuild();
  const child = spawn(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error('building dist/main.mjs failed');
}

async function isFresh(root: string): Promise<boolean> {
  const builtAtMs = await changedAtMs(join(root, 'dist/main.mjs'));
  if (builtAtMs === undefined) return false;
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const files = ['package-lock.json', ...sources.map((name) => join('src', name))];
  const times = await Promise.all(files.map((name) => changedAtMs(join(root, name))));
  return times.every((time) => time !== undefined && time <= builtAtMs);
}

async function changedAtMs(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

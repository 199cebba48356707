/** npm's settings on this machine, for `npm ci` inside the build. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The path of npm, which npm passes to its scripts. */
export function npmProgram(): string {
  const path = process.env['npm_execpath'];
  if (path === undefined) throw new Error('npm not found: start this with `npm run test:image`');
  return path;
}

/** The text of an npmrc: the effective registry, and the files of the user and of the machine. It may contain secrets. */
export async function readNpmSettings(): Promise<string> {
  const files = [await ask('globalconfig'), await ask('userconfig')];
  const texts = await Promise.all(files.map(textOf));
  return [...texts, `registry=${await ask('registry')}`, ''].join('\n');
}

/** npm's cache of packages that were installed on this machine. */
export async function npmCache(): Promise<string> {
  return ask('cache');
}

async function ask(key: string): Promise<string> {
  const command = [npmProgram(), 'config', 'get', key];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return stdout.trim();
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}

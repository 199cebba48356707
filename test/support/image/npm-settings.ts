/** What npm is told on this machine, for the `npm ci` inside of the build. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** npm says to its scripts where it is. */
export function npmProgram(): string {
  const path = process.env['npm_execpath'];
  if (path === undefined) throw new Error('looking for npm: start this by `npm run test:image`');
  return path;
}

/** Text of an npmrc: the registry, whoever named it, and the files of the user and of the machine. It may hold secrets. */
export async function readNpmSettings(): Promise<string> {
  const files = [await ask('globalconfig'), await ask('userconfig')];
  const texts = await Promise.all(files.map(textOf));
  return [...texts, `registry=${await ask('registry')}`, ''].join('\n');
}

/** Of packages that have been installed on this machine. */
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

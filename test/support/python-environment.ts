/** A Python virtual environment of the tests, made once per user and set of pins. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testCache } from './control-plane/binaries.ts';
import { withFileLock } from './control-plane/file-lock.ts';

/** The directory of an environment that holds exactly these packages; its programs are in `bin`. */
export async function pythonEnvironment(pins: readonly string[]): Promise<string> {
  const parent = join(testCache(), 'python');
  const hash = createHash('sha256').update(pins.join('\n')).digest('hex');
  const directory = join(parent, hash.slice(0, 12));
  await mkdir(parent, { recursive: true });
  await withFileLock(
    `${directory}.lock`,
    () => undefined,
    async () => {
      // Written last: an environment can't be moved into place, its scripts hold their own path.
      const complete = join(directory, 'complete');
      if (await exists(complete)) return;
      process.stderr.write(`python environment: installing ${pins.join(', ')}\n`);
      await rm(directory, { recursive: true, force: true });
      await python('python3', ['-m', 'venv', directory]);
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pins];
      await python(join(directory, 'bin', 'python'), install);
      await writeFile(complete, '');
    },
  );
  return directory;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function python(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const mend = 'Install Python 3.10 or later with its venv module (Debian: python3-venv).';
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new Error(`running ${file}: not found. ${mend}`, { cause })),
    );
    child.on('close', resolve);
  });
  if (code === 0) return;
  throw new Error(`running ${file} ${args[1]}: ended with ${code}. ${mend}\n${said}`);
}

/** Runs programs that need root: to build images, and to inspect and start them as containers. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const FIX =
  'Install it (Debian, Ubuntu: apt-get update && apt-get install --no-install-recommends buildah), and run as root or with passwordless sudo.';

/** The command line, with sudo if we are not root. */
export function asRoot(command: readonly string[]): readonly string[] {
  return process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
}

/** Returns the stdout. Throws an Error with the output and the fix if the program fails or can't be started. */
export async function runAsRoot(command: readonly string[]): Promise<string> {
  const [file = '', ...args] = asRoot(command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`running ${file}: not found. ${FIX}`, { cause })),
    );
    child.once('close', resolve);
  });
  const [code, out, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return out;
  throw new Error(`running ${command.join(' ')}: exit code ${code}. ${FIX}\n${out}\n${errors}`);
}

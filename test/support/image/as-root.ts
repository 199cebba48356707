/** Runs programs that only root may: those that build images, and that look and start like a container. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const FIX =
  'Install it (Debian, Ubuntu: apt-get update && apt-get install --no-install-recommends buildah), and run as root or with sudo that asks for no password.';

/** The command line, by sudo where we are not root. */
export function asRoot(command: readonly string[]): readonly string[] {
  return process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
}

/** What it printed. Throws an Error with what it said where it fails, and with the fix where it can't even start. */
export async function runAsRoot(command: readonly string[]): Promise<string> {
  const [file = '', ...args] = asRoot(command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`running ${file}: not found. ${FIX}`, { cause })),
    );
    child.once('close', resolve);
  });
  const [code, out, said] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return out;
  throw new Error(`running ${command.join(' ')}: ended with ${code}. ${FIX}\n${out}\n${said}`);
}

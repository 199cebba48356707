/** Runs a download or build program to its end. */
import { spawnGuarded } from '../process/guarded-child.ts';

export interface BuildCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  /** In addition to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to do if the program is missing, or fails because a part is missing. */
  readonly fix: string;
}

/** Returns its stdout. It can't outlive us. If it fails, throws an Error with the end of its stderr and the fix. */
export async function runBuilder({ command, cwd, env, fix }: BuildCommand): Promise<string> {
  const { stdout, stderr, exited } = spawnGuarded(command, { ...process.env, ...env }, cwd);
  const code = await exited;
  if (code === 0) return stdout.lines.join('\n');
  const errors = stderr.lines.slice(-50).join('\n');
  throw new Error(`${command.join(' ')}: exit code ${code}\n${errors}\n${fix}`);
}

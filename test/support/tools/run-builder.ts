/** Runs a program that downloads or builds, to its end. */
import { spawnGuarded } from '../process/guarded-child.ts';

export interface BuildCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Beside our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to do where there is no such program, or it fails for lack of a part. */
  readonly fix: string;
}

/** Its stdout. It can't outlive us. Throws an Error with the end of its stderr and the fix where it fails. */
export async function runBuilder({ command, cwd, env, fix }: BuildCommand): Promise<string> {
  const { stdout, stderr, exited } = spawnGuarded(command, { ...process.env, ...env }, cwd);
  const code = await exited;
  if (code === 0) return stdout.lines.join('\n');
  const said = stderr.lines.slice(-50).join('\n');
  throw new Error(`${command.join(' ')}: ended with ${code}\n${said}\n${fix}`);
}

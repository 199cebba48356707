/** A program as a child process that can't outlive us, with its output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { besideGuard, endWithSuite } from '../control-plane/guarded-process.ts';
import { collectLines, type OutputLines } from './output-lines.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface GuardedChild {
  readonly child: ChildProcess;
  readonly stdout: OutputLines;
  readonly stderr: OutputLines;
  /** The exit code, once all output has been read; `null` after a signal. */
  readonly exited: Promise<number | null>;
}

/** Signals reach the program itself. `cwd` is the project's folder by default. */
export function spawnGuarded(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = ROOT,
): GuardedChild {
  const child = spawn('sh', besideGuard(command), {
    cwd,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
  });
  endWithSuite(child);
  const { stdin, stdout, stderr } = child;
  // The guard holds the other ends of the pipes until ours is closed.
  child.once('exit', () => stdin.destroy());
  return {
    child,
    stdout: collectLines(stdout),
    stderr: collectLines(stderr),
    exited: once(child, 'close').then(() => child.exitCode),
  };
}

/**
 * Child processes that can't outlive us. Each runs in its own process group next to a guard that reads a pipe from us:
 * however we end (even by SIGKILL), the pipe closes and the guard kills the group. The children of a test suite end with
 * the suite, whatever its outcome (test/support/jest/suite-environment.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** `exec` keeps the pid: the process that `spawn` returns is the program itself and the leader of the group. */
const GUARD = `
exec 3<&0
(cat <&3 >/dev/null; kill -KILL 0) &
exec "$@" 3<&- </dev/null
`;

/** The running children of a realm: of one suite inside jest, or of a whole process. */
const CHILDREN = Symbol.for('ecr-pull-secrets: guarded children');
interface Realm {
  [CHILDREN]?: Set<ChildProcess>;
}

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** stdout and stderr are appended to it. */
  readonly logFile: string;
  /** The program's whole environment; default: only PATH and HOME, so that no proxy setting leaks in. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Arguments of `sh` that start a command next to its guard: spawn it detached, with a pipe as stdin. */
export function besideGuard(command: readonly string[]): readonly string[] {
  return ['-c', GUARD, 'guard', ...command];
}

/** Makes the child end with the test suite that starts it. */
export function endWithSuite<T extends ChildProcess>(child: T): T {
  const children = childrenOf(globalThis);
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Kills the children of that realm that still run, and resolves when they are gone. */
export async function killChildren(realm: object): Promise<void> {
  const left = [...childrenOf(realm)].filter(({ pid }) => pid !== undefined);
  await Promise.all(
    left.map(async (child) => {
      const gone = once(child, 'exit');
      signal(-Number(child.pid), 'SIGKILL');
      await gone;
    }),
  );
}

function childrenOf(realm: object): Set<ChildProcess> {
  return ((realm as Realm)[CHILDREN] ??= new Set());
}

/** Starts the program and returns its pid. It doesn't keep our event loop alive. */
export function startGuarded(program: Program): number {
  const log = openSync(program.logFile, 'a');
  try {
    const child = spawn('sh', besideGuard([program.file, ...program.args]), {
      detached: true,
      stdio: ['pipe', log, log],
      env: program.env ?? { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
    });
    endWithSuite(child);
    child.on('error', () => undefined);
    child.unref();
    // spawn's pipes are sockets, although their type doesn't show it.
    (child.stdin as Socket).unref();
    if (child.pid === undefined) throw new Error(`starting ${program.file}: no shell`);
    return child.pid;
  } finally {
    closeSync(log);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks the program to end, waits up to `graceMs`, then kills the rest of its group. */
export async function stopGuarded(pid: number, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    signal(pid, 'SIGTERM');
    await untilGone(pid, graceMs);
  }
  signal(-pid, 'SIGKILL');
  await untilGone(pid, 10_000);
}

async function untilGone(pid: number, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (isAlive(pid) && Date.now() < end) await delay(10);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone, as intended.
  }
}

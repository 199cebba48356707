/**
 * Starts an image as a container runtime does, without one: as process 1 and as the image's user, without capabilities,
 * with only the image's files, read-only. The network is this machine's, so that loopback reaches the test's servers.
 */
import { readFile } from 'node:fs/promises';
import { eventually } from '../suite/eventually.ts';
import { type GuardedChild, spawnGuarded } from '../process/guarded-child.ts';
import { asRoot, runAsRoot } from './as-root.ts';
import type { BuiltImage } from './build-image.ts';

/** Arguments: the image's files, a directory to mount, and a command. The mounts end with the namespaces. */
const PREPARE = `
set -eu
root=$1 mounted=$2
shift 2
mkdir -p "$root/proc" "$root/dev" "$root/mounted"
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$mounted" "$root/mounted"
mount -o remount,bind,ro "$root/mounted"
mount -o remount,bind,ro "$root"
exec "$@"
`;
const UNSHARE = ['unshare', '--pid', '--mount', '--fork', '--kill-child', '--'];

interface ContainerOptions {
  /** Replaces the image's CMD, as after `docker run IMAGE`. */
  readonly args?: readonly string[];
  /** Replaces the image's ENTRYPOINT too, as after `docker exec CONTAINER`. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A directory that the container sees as /mounted, read-only. */
  readonly mounted: string;
}

export class Container {
  readonly #child: GuardedChild;

  /** It doesn't outlive this process. */
  constructor(image: BuiltImage, options: ContainerOptions) {
    const { Entrypoint, Cmd, Env, User } = image.config;
    const { args = Cmd, command = [...Entrypoint, ...args], env = {}, mounted } = options;
    const variables = [...Env, ...Object.entries(env).map((pair) => pair.join('='))];
    // Absolute paths, because PATH is the image's own by then.
    const asUser = ['/usr/bin/setpriv', '--no-new-privs', '/usr/sbin/chroot'];
    const inside = [...asUser, `--userspec=${User}`, '--groups=', image.files, ...command];
    const start = ['sh', '-c', PREPARE, 'start', image.files, mounted, 'env', '-i', ...variables];
    const { PATH } = process.env;
    this.#child = spawnGuarded(asRoot([...UNSHARE, ...start, ...inside]), { PATH });
  }

  /** The exit code of process 1. */
  get exited(): Promise<number | null> {
    return this.#child.exited;
  }

  get output(): string {
    return [...this.#child.stdout.lines, ...this.#child.stderr.lines].join('\n');
  }

  /** The first line of the log with this message, parsed. */
  async logged(message: string): Promise<Readonly<Record<string, unknown>>> {
    const mark = `"msg":${JSON.stringify(message)}`;
    const line = await eventually({ what: `the log record ${mark}`, limitMs: 30_000 }, () => {
      const found = this.#child.stdout.lines.find((one) => one.includes(mark));
      return found ?? (this.#hasExited ? 'ended' : undefined);
    });
    if (line === 'ended') throw new Error(`the container exited; its output:\n${this.output}`);
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  }

  /** Linux's `status` file of process 1. */
  async status(): Promise<string> {
    return readFile(`/proc/${await this.#init()}/status`, 'utf8');
  }

  /** SIGTERM to process 1, as the kubelet sends it; resolves with the exit code. */
  async stop(): Promise<number | null> {
    await this.signal('TERM');
    return this.exited;
  }

  /** To process 1. */
  async signal(name: 'TERM' | 'USR1' | 'KILL'): Promise<void> {
    await runAsRoot(['kill', `-${name}`, await this.#init()]);
  }

  /** Sends SIGKILL to the whole container if it still runs. */
  async kill(): Promise<void> {
    if (this.#hasExited) return;
    await this.signal('KILL');
    await this.exited;
  }

  get #hasExited(): boolean {
    const { exitCode, signalCode } = this.#child.child;
    return exitCode !== null || signalCode !== null;
  }

  /** The outside pid of the process that is process 1 inside. */
  async #init(): Promise<string> {
    const found = await findInit(String(this.#child.child.pid));
    if (found === undefined) throw new Error(`process 1 not found\n${this.output}`);
    return found;
  }
}

/** Searches the process and its descendants, which include the guard of `spawnGuarded`. */
async function findInit(pid: string): Promise<string | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  if (/^NSpid:.*\t1$/m.test(status)) return pid;
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim();
  const found = await Promise.all(
    children
      .split(' ')
      .filter((id) => id !== '')
      .map(findInit),
  );
  return found.find((id) => id !== undefined);
}

/** Runs the exec plugin of a kubeconfig's user, and ends it in time: client-node would let it run for ever. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { fieldOf, isText, parseJson } from '../../base/json.ts';

/** The `exec` of a user in a kubeconfig. */
export interface Exec {
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/** What reading credentials needs from the outside. */
export interface Surroundings {
  readonly clock: Clock;
  /** What exec plugins get, in addition to their own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface ExecCredential {
  readonly token: string | undefined;
  /** PEM, like `key`. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly expiresAt: Date | undefined;
}

/** A token or a certificate with its key takes a few kilobytes. */
const LONGEST_OUTPUT = 1024 * 1024;

export class ExecPlugin {
  readonly #exec: Exec;
  readonly #surroundings: Surroundings;
  #last: ExecCredential | undefined;

  constructor(exec: Exec, surroundings: Surroundings) {
    this.#exec = exec;
    this.#surroundings = surroundings;
  }

  /** What the plugin printed, which is kept until it expires. When `signal` aborts, the plugin is killed. */
  async read(signal: AbortSignal): Promise<ExecCredential> {
    if (this.#last === undefined || this.#hasExpired(this.#last)) {
      this.#last = parse(await run(this.#exec, this.#surroundings.environment, signal));
    }
    return this.#last;
  }

  #hasExpired({ expiresAt }: ExecCredential): boolean {
    return expiresAt !== undefined && !(expiresAt > this.#surroundings.clock.now());
  }
}

function parse(output: string): ExecCredential {
  const status = fieldOf(parseJson(output), 'status');
  if (status === undefined) {
    throw new Error('the exec plugin printed no ExecCredential with a status');
  }
  const textOf = (key: string): string | undefined => {
    const value = fieldOf(status, key);
    return isText(value) ? value : undefined;
  };
  const expiresAt = textOf('expirationTimestamp');
  return {
    token: textOf('token'),
    cert: textOf('clientCertificateData'),
    key: textOf('clientKeyData'),
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
  };
}

/** The output. Rejects with what the plugin wrote to its standard error, or with Node's error. */
function run(
  { command, args, env }: Exec,
  environment: Surroundings['environment'],
  signal: AbortSignal,
): Promise<string> {
  const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve, reject) => {
    // In a process group of its own, so that its children end with it.
    const plugin = spawn(command, args ?? [], {
      env: { ...environment, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const end = (): void => killGroup(plugin.pid);
    const output = collect(plugin.stdout, end);
    const complaints = collect(plugin.stderr, end);
    signal.addEventListener('abort', end, { once: true });
    process.once('exit', end);
    plugin.once('error', reject);
    plugin.once('close', (code) => {
      signal.removeEventListener('abort', end);
      process.off('exit', end);
      if (code === 0) resolve(output.text);
      else reject(new Error(complaints.text || `the exec plugin failed with exit code ${code}`));
    });
  });
}

/** Its text, up to 1 MiB; what is longer calls `onTooLong`. */
function collect(stream: Readable, onTooLong: () => void): { readonly text: string } {
  const collected = { text: '' };
  stream.setEncoding('utf8').on('data', (part: string) => {
    if (collected.text.length + part.length > LONGEST_OUTPUT) onTooLong();
    else collected.text += part;
  });
  return collected;
}

/** `undefined`: it has never started. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

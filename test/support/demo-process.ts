/** `demo` as a child process, and what it tells. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { collectLines, type OutputLines } from './output-lines.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface DemoProcessOptions {
  /** A build of src/main.ts. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

export class DemoProcess {
  readonly #child: ChildProcess;
  readonly #stdout: OutputLines;
  readonly #stderr: OutputLines;
  /** The exit code, once all output is read. */
  readonly exited: Promise<number | null>;

  constructor(
    args: readonly string[],
    { program = 'src/main.ts', env = {} }: Partial<DemoProcessOptions> = {},
  ) {
    const child = spawn(process.execPath, ['--no-warnings', program, 'demo', ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    });
    this.#child = child;
    this.#stdout = collectLines(child.stdout);
    this.#stderr = collectLines(child.stderr);
    this.exited = once(child, 'close').then(() => child.exitCode);
  }

  get told(): string {
    return this.#stdout.lines.join('\n');
  }

  get errors(): string {
    return this.#stderr.lines.join('\n');
  }

  /** Waits until it tells this; gives what it told until then. */
  async tells(text: string, limitMs = 30_000): Promise<string> {
    return eventually({ what: `"${text}" in the demo`, limitMs }, () => {
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.told}${this.errors}`);
      return this.told.includes(text) ? this.told : undefined;
    });
  }

  /** As Ctrl-C; resolves with the exit code. */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.exited;
  }
}

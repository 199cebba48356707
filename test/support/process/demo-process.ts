/** The `demo` command as a child process, and its output. */
import { eventually } from '../suite/eventually.ts';
import { type GuardedChild, spawnGuarded } from './guarded-child.ts';
import { programEnvironment } from './program-environment.ts';

interface DemoProcessOptions {
  /** A build of src/main.ts. */
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

/** It doesn't outlive this process. */
export class DemoProcess {
  readonly #child: GuardedChild;

  constructor(
    args: readonly string[],
    { program = 'src/main.ts', env = {} }: Partial<DemoProcessOptions> = {},
  ) {
    const command = [process.execPath, '--no-warnings', program, 'demo', ...args];
    this.#child = spawnGuarded(command, programEnvironment(env));
  }

  /** The exit code, once all output has been read. */
  get exited(): Promise<number | null> {
    return this.#child.exited;
  }

  get output(): string {
    return this.#child.stdout.lines.join('\n');
  }

  get errors(): string {
    return this.#child.stderr.lines.join('\n');
  }

  /** Waits until it prints this text; returns the output until then. */
  async untilPrinted(text: string, limitMs = 30_000): Promise<string> {
    return eventually({ what: `"${text}" in the demo`, limitMs }, () => {
      if (this.#child.child.exitCode !== null) {
        throw new Error(`the demo exited: ${this.output}${this.errors}`);
      }
      return this.output.includes(text) ? this.output : undefined;
    });
  }

  /** Interrupts as Ctrl-C does; resolves with the exit code. */
  async interrupt(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.#child.child.kill(signal);
    return this.exited;
  }
}

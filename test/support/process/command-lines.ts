/**
 * Runs command lines in one shared process that has loaded the program once: each start takes more than half a second of
 * a core. Does not include what `src/main.ts` adds.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programEnvironment } from './program-environment.ts';
import type { ProgramRun } from './program-process.ts';

export interface CommandLine {
  readonly args: readonly string[];
  /** The whole environment, apart from what all our programs get. */
  readonly variables: Readonly<Record<string, string>>;
}

const WORKER = fileURLToPath(new URL('./command-line-worker.ts', import.meta.url));

export class CommandLines {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(WORKER, { env: programEnvironment(), execArgv: ['--no-warnings'] });
  }

  /** Runs one at a time. Throws if the process exits instead. */
  async run(
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ProgramRun> {
    const stop = new AbortController();
    const { signal } = stop;
    const died = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`the process exited with code ${String(code)}`);
    });
    const answered = once(this.#child, 'message', { signal });
    this.#child.send({ args, variables } satisfies CommandLine);
    try {
      const [ending] = (await Promise.race([answered, died])) as [ProgramRun];
      return ending;
    } finally {
      stop.abort();
      await Promise.allSettled([answered, died]);
    }
  }

  async close(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

/**
 * Command lines that share one process, which has loaded the program once: each start takes more than half a second of a
 * core. What `src/main.ts` adds to them isn't there.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programEnvironment } from './program-environment.ts';
import type { ProgramRun } from './program-process.ts';

export interface CommandLine {
  readonly args: readonly string[];
  /** All of the environment, but for what every program of ours gets. */
  readonly variables: Readonly<Record<string, string>>;
}

const WORKER = fileURLToPath(new URL('./command-line-worker.ts', import.meta.url));

export class CommandLines {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(WORKER, { env: programEnvironment(), execArgv: ['--no-warnings'] });
  }

  /** One at a time. Throws where the process ends instead. */
  async run(
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ProgramRun> {
    const stop = new AbortController();
    const { signal } = stop;
    const died = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`the process ended with ${String(code)}`);
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

/** The process of `CommandLines`. */
import { runCommandLine } from '../../../src/commands/command-line.ts';
import type { CommandLine } from './command-lines.ts';
import type { ProgramRun } from './program-process.ts';

const INHERITED = { ...process.env };

async function run({ args, variables }: CommandLine): Promise<ProgramRun> {
  process.env = { ...INHERITED, ...variables };
  const { stdout, stderr } = process;
  const [printed, complained] = [hearing(stdout), hearing(stderr)];
  try {
    const code = await runCommandLine(['node', 'ecr-pull-secrets', ...args]);
    return { code, output: printed.text(), errors: complained.text() };
  } finally {
    printed.end();
    complained.end();
  }
}

/** Nothing comes through while we hear. */
function hearing(stream: NodeJS.WriteStream): {
  readonly text: () => string;
  readonly end: () => void;
} {
  const heard: string[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: unknown) => {
    heard.push(String(chunk));
    return true;
  };
  return {
    text: () => heard.join(''),
    end: () => {
      stream.write = write;
    },
  };
}

process.on('message', (asked: CommandLine) => {
  void run(asked).then((ending) => process.send?.(ending));
});
// Also when who asks is no more.
process.on('disconnect', () => process.exit());

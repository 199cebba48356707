/** The worker process of `CommandLines`. */
import { runCommandLine } from '../../../src/commands/command-line.ts';
import type { CommandLine } from './command-lines.ts';
import type { ProgramRun } from './program-process.ts';

const INHERITED = { ...process.env };

async function run({ args, variables }: CommandLine): Promise<ProgramRun> {
  process.env = { ...INHERITED, ...variables };
  const { stdout, stderr } = process;
  const [output, errors] = [capture(stdout), capture(stderr)];
  try {
    const code = await runCommandLine(['node', 'ecr-pull-secrets', ...args]);
    return { code, output: output.text(), errors: errors.text() };
  } finally {
    output.end();
    errors.end();
  }
}

/** Captures the stream's output; nothing reaches the stream meanwhile. */
function capture(stream: NodeJS.WriteStream): {
  readonly text: () => string;
  readonly end: () => void;
} {
  const captured: string[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: unknown) => {
    captured.push(String(chunk));
    return true;
  };
  return {
    text: () => captured.join(''),
    end: () => {
      stream.write = write;
    },
  };
}

process.on('message', (commandLine: CommandLine) => {
  void run(commandLine).then((ending) => process.send?.(ending));
});
// Also if the parent process dies.
process.on('disconnect', () => process.exit());

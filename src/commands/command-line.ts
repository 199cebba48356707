/** The commands, by name. */
import { Command, CommanderError } from 'commander';
import { addRunCommand } from './run.ts';
import { version } from './version.ts';

/** Runs the command that `argv` names and answers with the process's exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command('ecr-pull-secrets')
    .description('Keeps private Amazon ECR images pullable in every namespace that opts in')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(--help shows what is allowed)');

  addRunCommand(program, (code) => {
    exitCode = code;
  });
  program
    .command('version')
    .description('print the version')
    .action(() => {
      process.stdout.write(`${version()}\n`);
    });

  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has told the user already; help and version come this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return exitCode;
}

/** The commands, by name. */
import { Command, CommanderError } from 'commander';
import { addCleanupCommand } from './cleanup.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { ENVIRONMENT_PREFIX, addRunCommand } from './run.ts';
import { version } from '../platform/version.ts';

/** Runs the command that `argv` names and answers with the process's exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  forgetEmptyVariables(process.env);
  const program = new Command('ecr-pull-secrets')
    .description('Keeps private Amazon ECR images pullable in every namespace that opts in')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(--help shows what is allowed)');

  const exitWith = (code: number): void => {
    exitCode = code;
  };
  addRunCommand(program, exitWith);
  addDemoCommand(program, exitWith);
  addDoctorCommand(program, exitWith);
  addCleanupCommand(program, exitWith);
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

/** Templates set variables to nothing where they mean not to set them. */
function forgetEmptyVariables(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(ENVIRONMENT_PREFIX) && value === '') delete environment[name];
  }
}

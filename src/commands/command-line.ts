/** The commands, by name. */
import { Command, CommanderError } from 'commander';
import { addCleanupCommand } from './cleanup.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { ENVIRONMENT_PREFIX, addRunCommand } from './run.ts';
import { version } from '../platform/version.ts';

/** Runs the command that `argv` names. Returns the process's exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  forgetEmptyVariables(process.env);
  const program = new Command('ecr-pull-secrets')
    .description('Keeps private Amazon ECR images pullable in every namespace that opts in')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(see --help)');

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
    // Commander has already printed the error. Help and version also end here, with 0.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return exitCode;
}

/** Templates set a variable to the empty string where they mean not to set it. */
function forgetEmptyVariables(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(ENVIRONMENT_PREFIX) && value === '') delete environment[name];
  }
}

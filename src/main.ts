/** The process edge: arguments to a command, and its exit code. */
import { runCommandLine } from './commands/command-line.ts';

process.exitCode = await runCommandLine(process.argv);

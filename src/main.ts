/** The process edge: arguments to a command, and its exit code. */
import { runCommandLine } from './commands/command-line.ts';

/** For what still writes. A plugin of the kubeconfig that hangs would keep the process alive as long as it does. */
const LINGER_MS = 500;

process.exitCode = await runCommandLine(process.argv);
setTimeout(() => process.exit(), LINGER_MS).unref();

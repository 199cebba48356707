/** The process edge: arguments to a command, and its exit code. */
import { runCommandLine } from './commands/command-line.ts';

/** For what still writes. A plugin of the kubeconfig that hangs would keep the process alive as long as it does. */
const LINGER_MS = 500;

/** The clock's timers, which a command may be waiting for, keep no process alive: Node would end it with code 13. */
const KEEP_ALIVE_MS = 60_000;
const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);

process.exitCode = await runCommandLine(process.argv);
clearInterval(keepAlive);
setTimeout(() => process.exit(), LINGER_MS).unref();

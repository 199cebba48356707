/** The edge of the process: passes the arguments to a command, and sets its exit code. */
import { runCommandLine } from './commands/command-line.ts';

/** Time for writes to finish. Without a limit, a hanging kubeconfig plugin would keep the process alive. */
const LINGER_MS = 500;

/** The clock's timers don't keep the process alive: Node would end a command that waits for one with exit code 13. */
const KEEP_ALIVE_MS = 60_000;
const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);

process.exitCode = await runCommandLine(process.argv);
clearInterval(keepAlive);
setTimeout(() => process.exit(), LINGER_MS).unref();

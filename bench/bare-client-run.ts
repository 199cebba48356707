/** Runs the bare client in a separate process, so that its cost is measured apart from the benchmark's. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BareOrder, BareReport } from './bare-client.ts';

const PROGRAM = fileURLToPath(new URL('bare-client.ts', import.meta.url));

/** Rejects if the client ends without a report. */
export async function runBareClient(order: BareOrder): Promise<BareReport> {
  const child = fork(PROGRAM, { stdio: 'inherit' });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the bare client exited with code ${String(code)}`);
  });
  const reported = once(child, 'message');
  child.send(order);
  const [report] = (await Promise.race([reported, ended])) as [BareReport];
  ended.catch(() => undefined);
  return report;
}

/** `npm run bench`: measures the built controller on a real control plane and prints one table. */
import { cpus, totalmem } from 'node:os';
import { benchBareClient } from './bare-baseline.ts';
import { BenchCluster } from './bench-cluster.ts';
import { type BenchOptions, parseBenchOptions } from './bench-options.ts';
import { benchColdStart } from './cold-start.ts';
import { type Figure, renderTable } from './figures.ts';
import { benchIdle } from './idle.ts';
import { benchNewNamespace } from './new-namespace.ts';
import { benchUnrelatedSecrets } from './unrelated-secrets.ts';
import { warmUpServer } from './warm-up.ts';

/** Of the cold start and of the bare client beside it. The new namespaces meet the default limits. */
const BUDGET = { qps: 1000, burst: 2000 };

const options = parseBenchOptions(process.argv.slice(2));
const figures = [...(await newNamespaces(options)), ...(await manyNamespaces(options))];
const flags = options.nodeFlags.length === 0 ? '' : `, flags ${options.nodeFlags.join(' ')}`;
const memoryGb = Math.round(totalmem() / 1e9);
console.log(`\n${new Date().toISOString().slice(0, 10)}, Node ${process.version}${flags}`);
console.log(`${cpus().length} CPUs (${cpus()[0]?.model ?? 'unknown'}), ${memoryGb} GB\n`);
console.log(renderTable(figures));

async function newNamespaces({ newcomers }: BenchOptions): Promise<readonly Figure[]> {
  if (newcomers === 0) return [];
  console.log(`new namespaces: ${newcomers} by the controller, ${newcomers} by a bare client`);
  return benchNewNamespace(options);
}

async function manyNamespaces({ namespaces, idleMs }: BenchOptions): Promise<readonly Figure[]> {
  if (namespaces === 0) return [];
  const cluster = await BenchCluster.open(options);
  try {
    await warmUpServer(cluster, BUDGET);
    console.log(`cold start with ${namespaces} namespaces`);
    const coldStart = await benchColdStart(cluster, namespaces, BUDGET);
    console.log(`idle for ${idleMs / 1000} s`);
    const idle = await benchIdle(coldStart.controller, namespaces, idleMs);
    await coldStart.controller.stop();
    console.log(`bare client over ${namespaces} other namespaces`);
    const bare = await benchBareClient(cluster, namespaces, BUDGET, coldStart);
    console.log('restarts over the same state, without and beside unrelated Secrets');
    const restarts =
      options.restarts > 0 ? await benchUnrelatedSecrets(cluster, options, BUDGET) : [];
    return [...coldStart.figures, ...bare, ...idle, ...restarts];
  } finally {
    await cluster.close();
  }
}

/** Measures how long a bare client takes for the writes of a cold start, over the same number of other namespaces. */
import { performance } from 'node:perf_hooks';
import { runBareClient } from './bare-client-run.ts';
import type { AccountToAttach, SecretTemplate } from './bare-writes.ts';
import type { BenchCluster } from './bench-cluster.ts';
import type { Budget } from './pace.ts';

export interface BareRun {
  /** From its first write until a watch shows the last one. */
  readonly readyMs: number;
  /** CPU of the whole process, including its start. */
  readonly cpuMs: number;
}

/** The number of the controller's workers. */
const AT_A_TIME = 16;

export async function bareRun(
  cluster: BenchCluster,
  accounts: readonly AccountToAttach[],
  template: SecretTemplate,
  budget: Budget,
): Promise<BareRun> {
  const kubeconfig = cluster.rig.controlPlane.adminKubeconfig;
  const order = { kubeconfig, accounts, template, budget, atATime: AT_A_TIME };
  const { beganAtMs, cpuMs } = await runBareClient(order);
  const readyAt = await cluster.arrivals.untilReady(accounts.map(({ namespace }) => namespace));
  return { readyMs: performance.timeOrigin + readyAt - beganAtMs, cpuMs };
}

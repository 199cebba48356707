/** Measures the controller's cost while nothing happens, after it has sent the last Event of its start. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControllerProcess } from '../test/support/process/controller-process.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { atMost, type Figure } from './figures.ts';
import { readProcessUsage } from './process-usage.ts';

/** Quiet means this long without a request. Events, at five per second, come last. */
const QUIET_MS = 3000;
const CPU_TARGET_MS_PER_S = 5;
const RSS_TARGET_MB = 85;

export async function benchIdle(
  cluster: BenchCluster,
  controller: ControllerProcess,
  count: number,
  durationMs: number,
): Promise<readonly Figure[]> {
  await untilQuiet(cluster);
  const before = await readProcessUsage(controller.pid);
  await delay(durationMs);
  const after = await readProcessUsage(controller.pid);
  const cpuMsPerS = (after.cpuMs - before.cpuMs) / (durationMs / 1000);
  const about = `idle at ${count} namespaces, ${durationMs / 1000} s`;
  return [
    atMost(`${about}: CPU`, cpuMsPerS, CPU_TARGET_MS_PER_S, 'ms/s'),
    atMost(`${about}: RSS`, after.rssMb, RSS_TARGET_MB, 'MB'),
  ];
}

async function untilQuiet(cluster: BenchCluster): Promise<void> {
  for (;;) {
    const since = new Date();
    await delay(QUIET_MS);
    if ((await cluster.controllerRequests(since)).length === 0) return;
  }
}

/** What the controller costs while nothing happens. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControllerProcess } from '../test/support/controller-process.ts';
import { atMost, type Figure } from './figures.ts';
import { readProcessUsage } from './process-usage.ts';

/** After the start's own work has settled. */
const SETTLE_MS = 10_000;
const CPU_TARGET_MS_PER_S = 5;
const RSS_TARGET_MB = 85;

export async function benchIdle(
  controller: ControllerProcess,
  count: number,
  durationMs: number,
): Promise<readonly Figure[]> {
  await delay(SETTLE_MS);
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

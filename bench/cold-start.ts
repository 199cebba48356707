/** Cold start, with all namespaces opted in before the controller starts: time until the last one is ready, and its cost. */
import { performance } from 'node:perf_hooks';
import type { AuditEvent } from '../test/support/control-plane/audit-log.ts';
import type { ControllerProcess } from '../test/support/process/controller-process.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { atMost, type Figure, plain } from './figures.ts';
import type { Budget } from './pace.ts';
import { readProcessUsage } from './process-usage.ts';

export interface ColdStart {
  /** Still running. */
  readonly controller: ControllerProcess;
  readonly startedAt: Date;
  /** Since the process was spawned. */
  readonly readyMs: number;
  /** CPU until then. */
  readonly cpuMs: number;
  readonly peakRssMb: number;
}

const PEAK_RSS_TARGET_MB = 85;

/** The request budget of both the controller and the bare client. */
export const BUDGET: Budget = { qps: 1000, burst: 2000 };

export function configWith({ qps, burst }: Budget): string {
  return `kubernetes: {qps: ${qps}, burst: ${burst}}\n`;
}

/** Resolves when all namespaces are ready. */
export async function coldStart(
  cluster: BenchCluster,
  names: readonly string[],
  budget: Budget,
): Promise<ColdStart> {
  const startedAt = new Date();
  const started = performance.now();
  const controller = await cluster.startController(configWith(budget));
  const readyMs = (await cluster.arrivals.untilReady(names)) - started;
  const { cpuMs, peakRssMb } = await readProcessUsage(controller.pid);
  return { controller, startedAt, readyMs, cpuMs, peakRssMb };
}

/** The cost of the first cold start in this cluster; its controller must still be running. */
export async function describeColdStart(
  cluster: BenchCluster,
  count: number,
  start: ColdStart,
): Promise<readonly Figure[]> {
  const { controller, startedAt, readyMs, cpuMs, peakRssMb } = start;
  const beginning = await controller.logged('caches are complete');
  const beginMs = new Date(beginning.time).getTime() - startedAt.getTime();
  const requests = await cluster.controllerRequests(startedAt);
  const passes = (await controller.metrics()).value('ecr_pull_secrets_reconcile_total') ?? NaN;
  return [
    plain(`first cold start of ${count}: spawn to all ready`, readyMs / 1000, 's'),
    plain('  of which until its work begins', beginMs / 1000, 's'),
    plain('  CPU by then', cpuMs / 1000, 's'),
    atMost('  peak RSS by then', peakRssMb, PEAK_RSS_TARGET_MB, 'MB'),
    ...countByVerb(requests).map(([call, calls]) => plain(`  requests: ${call}`, calls, '')),
    atMost('  ECR calls', cluster.rig.aws.calls.length, 1, ''),
    plain('  passes per namespace', passes / count, ''),
  ];
}

function countByVerb(requests: readonly AuditEvent[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { verb, resource } of requests) {
    const call = `${verb} ${resource}`;
    counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

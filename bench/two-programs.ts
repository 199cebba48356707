/** Compares two builds pair by pair: alternates them over the same namespaces, so that noise on the machine affects both. */
import { access } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchCluster } from './bench-cluster.ts';
import { namesOf } from './bench-names.ts';
import type { BenchOptions } from './bench-options.ts';
import { BUDGET, coldStart } from './cold-start.ts';
import type { Figure } from './figures.ts';
import { median } from './percentiles.ts';
import { readProcessUsage } from './process-usage.ts';
import { undo } from './undo.ts';

/** How long the idle controller's CPU is measured. */
const IDLE_MS = 10_000;

interface Measured {
  readonly coldStartMs: number;
  readonly coldStartCpuMs: number;
  readonly peakRssMb: number;
  /** Median time from the first sight of a new namespace's ServiceAccount to its Secret and reference. */
  readonly newNamespaceMs: number;
  readonly idleCpuMs: number;
}

const ROWS: readonly (readonly [string, keyof Measured, string])[] = [
  ['cold start', 'coldStartMs', 'ms'],
  ['cold start, CPU', 'coldStartCpuMs', 'ms'],
  ['peak RSS', 'peakRssMb', 'MB'],
  ['new namespace, median', 'newNamespaceMs', 'ms'],
  [`CPU in ${IDLE_MS / 1000} s of idling`, 'idleCpuMs', 'ms'],
];

/** Compares `options.program` (or the build in `dist`) with `against`; the first round is a warm-up and not counted. */
export async function benchTwoPrograms(
  options: BenchOptions,
  against: string,
): Promise<readonly Figure[]> {
  await access(against);
  const ours = await BenchCluster.open(options);
  try {
    const other = ours.running(against);
    const names = namesOf('cold', options.namespaces);
    await ours.createNamespaces(names, 'optedIn');
    const pairs: (readonly [Measured, Measured])[] = [];
    for (let round = 0; round <= options.rounds; round++) {
      const inOrder = round % 2 === 0 ? [ours, other] : [other, ours];
      const results = new Map<BenchCluster, Measured>();
      for (const cluster of inOrder) {
        results.set(cluster, await measure(cluster, names, `${round}-${results.size}`, options));
      }
      const [a, b] = [results.get(ours), results.get(other)];
      if (round > 0 && a !== undefined && b !== undefined) pairs.push([a, b]);
    }
    return ROWS.map(([name, key, unit]) =>
      figureOf(
        name,
        unit,
        pairs.map((pair) => both(pair, key)),
      ),
    );
  } finally {
    await ours.close();
  }
}

async function measure(
  cluster: BenchCluster,
  names: readonly string[],
  turn: string,
  { newcomers }: BenchOptions,
): Promise<Measured> {
  const { controller, readyMs, cpuMs, peakRssMb } = await coldStart(cluster, names, BUDGET);
  const latencies: number[] = [];
  for (const newcomer of namesOf(`new-${turn}-`, newcomers)) {
    await cluster.createNamespace(newcomer, 'optedIn');
    await cluster.arrivals.untilReady([newcomer]);
    latencies.push(cluster.arrivals.latencyOf(newcomer));
  }
  const before = await readProcessUsage(controller.pid);
  const startedAt = performance.now();
  await delay(IDLE_MS);
  const after = await readProcessUsage(controller.pid);
  const idleMs = performance.now() - startedAt;
  await controller.stop();
  await undo(cluster, names);
  return {
    coldStartMs: readyMs,
    coldStartCpuMs: cpuMs,
    peakRssMb,
    newNamespaceMs: median(latencies),
    idleCpuMs: ((after.cpuMs - before.cpuMs) * IDLE_MS) / idleMs,
  };
}

function both(
  [a, b]: readonly [Measured, Measured],
  key: keyof Measured,
): readonly [number, number] {
  return [a[key], b[key]];
}

/** Both medians, and the median and range of the pairs' ratios: below 1 the program beats `against`. */
function figureOf(
  name: string,
  unit: string,
  pairs: readonly (readonly [number, number])[],
): Figure {
  const ratios = pairs.map(([a, b]) => a / b).toSorted((a, b) => a - b);
  const [lowest, highest] = [ratios.at(0) ?? NaN, ratios.at(-1) ?? NaN];
  const medians = [0, 1].map((side) => median(pairs.map((pair) => pair[side] ?? NaN)).toFixed(1));
  const range = `${lowest.toFixed(2)} to ${highest.toFixed(2)}`;
  return {
    name,
    value: `${medians.join(' / ')} ${unit}, ratio ${median(ratios).toFixed(2)} (${range})`,
  };
}

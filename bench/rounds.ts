/** Alternates cold starts and bare clients over the same namespaces, so that noise on the machine affects both. */
import { type BareRun, bareRun } from './bare-baseline.ts';
import type { SecretTemplate } from './bare-writes.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { type ColdStart, coldStart } from './cold-start.ts';
import { atMost, type Figure, plain } from './figures.ts';
import type { Budget } from './pace.ts';
import { median } from './percentiles.ts';
import { undo } from './undo.ts';

const RATIO_TARGET = 1.3;

interface Names {
  readonly optedIn: readonly string[];
  readonly others: readonly string[];
}

interface Round {
  readonly ours: Pick<ColdStart, 'readyMs' | 'cpuMs'>;
  readonly bare: BareRun;
}

/** `first`: the cold start already done, with its controller stopped. The further rounds alternate the order. */
export async function benchRounds(
  cluster: BenchCluster,
  about: {
    readonly names: Names;
    readonly template: SecretTemplate;
    readonly budget: Budget;
    readonly first: ColdStart;
    readonly rounds: number;
  },
): Promise<readonly Figure[]> {
  const { names, template, budget, first } = about;
  const firstAccounts = await cluster.arrivals.accounts(names.others);
  const rounds: Round[] = [
    { ours: first, bare: await bareRun(cluster, firstAccounts, template, budget) },
  ];
  while (rounds.length < about.rounds) {
    await undo(cluster, names.optedIn);
    const accounts = await undo(cluster, names.others);
    const isOursFirst = rounds.length % 2 === 0;
    const before = isOursFirst ? await startAndStop(cluster, names, budget) : undefined;
    const bare = await bareRun(cluster, accounts, template, budget);
    const ours = before ?? (await startAndStop(cluster, names, budget));
    rounds.push({ ours, bare });
  }
  return figuresOf(rounds, 2 * names.others.length);
}

async function startAndStop(
  cluster: BenchCluster,
  { optedIn }: Names,
  budget: Budget,
): Promise<ColdStart> {
  const start = await coldStart(cluster, optedIn, budget);
  await start.controller.stop();
  return start;
}

function figuresOf(rounds: readonly Round[], writes: number): readonly Figure[] {
  const medianOf = (value: (round: Round) => number): number => median(rounds.map(value));
  const timeRatio = medianOf(({ ours, bare }) => ours.readyMs / bare.readyMs);
  const cpuRatio = medianOf(({ ours, bare }) => ours.cpuMs / bare.cpuMs);
  const all = (value: (round: Round) => number): string =>
    rounds.map((round) => (value(round) / 1000).toFixed(2)).join(', ');
  return [
    { name: 'cold starts, each in s', value: all(({ ours }) => ours.readyMs) },
    { name: `bare client's ${writes} writes, each in s`, value: all(({ bare }) => bare.readyMs) },
    { name: 'CPU of the cold starts in s', value: all(({ ours }) => ours.cpuMs) },
    { name: 'CPU of the bare client in s', value: all(({ bare }) => bare.cpuMs) },
    atMost('cold start / bare client, time (median)', timeRatio, RATIO_TARGET, ''),
    plain('cold start / bare client, CPU (median)', cpuRatio, ''),
  ];
}

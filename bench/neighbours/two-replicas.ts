/** A control plane with two replicas of the controller, one leading, and how long the namespaces that are well wait. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { inParallel } from '../../src/base/in-parallel.ts';
import type { ControllerProcess } from '../../test/support/process/controller-process.ts';
import { secretPath } from '../../test/support/cluster/opted-in.ts';
import { startReplica, untilLeading } from '../../test/support/cluster/replicas.ts';
import { eventually } from '../../test/support/suite/eventually.ts';
import { BenchCluster } from '../bench-cluster.ts';
import { OPT_IN } from '../bench-names.ts';
import { parseBenchOptions } from '../bench-options.ts';
import { atMost, type Figure } from '../figures.ts';
import { percentile } from '../percentiles.ts';

export interface NeighboursOptions {
  /** How long the bad neighbours misbehave. */
  readonly lastMs: number;
  readonly hanging: readonly { readonly namespaces: number; readonly hangSeconds: number }[];
  /** A build other than dist/main.mjs. */
  readonly program: string | undefined;
}

/** What a new namespace and a repair may wait, at p99. */
export const MOST_WAIT_MS = 2000;
/** After this, a wait is a failure of the benchmark. */
const GIVE_UP_MS = 180_000;
const AT_ONCE = 32;

export class TwoReplicas {
  readonly cluster: BenchCluster;
  readonly replicas: readonly ControllerProcess[];
  #leader: ControllerProcess;

  private constructor(
    cluster: BenchCluster,
    replicas: readonly [ControllerProcess, ControllerProcess],
  ) {
    this.cluster = cluster;
    this.replicas = replicas;
    this.#leader = replicas[0];
  }

  static async start(
    { program }: NeighboursOptions,
    about: { readonly config?: string; readonly tokenLifeMs?: number } = {},
  ): Promise<TwoReplicas> {
    const cluster = await BenchCluster.open(parseBenchOptions([]));
    const { rig } = cluster;
    if (about.tokenLifeMs !== undefined) rig.aws.tokenLifeMs = about.tokenLifeMs;
    const start = () =>
      startReplica(rig, {
        flags: ['--log-level', 'info'],
        ...(about.config === undefined ? {} : { config: about.config }),
        ...(program === undefined ? {} : { program }),
      });
    const startedAt = new Date();
    const first = await start();
    await untilLeading([first], startedAt, 30_000);
    return new TwoReplicas(cluster, [first, await start()]);
  }

  get leader(): ControllerProcess {
    return this.#leader;
  }

  /** The leader stops, and the standby leads when this resolves. */
  async changeLeader(): Promise<void> {
    const [first, second] = this.replicas;
    if (first === undefined || second === undefined) return;
    const at = new Date();
    await first.stop();
    await untilLeading([second], at, 30_000);
    this.#leader = second;
  }

  /** Namespaces that exist already opt in, all at the same moment; resolves when the last has. */
  async optIn(names: readonly string[]): Promise<void> {
    await inParallel(names, { atOnce: AT_ONCE }, async (name) => {
      const path = `/api/v1/namespaces/${name}`;
      await this.cluster.rig.admin.mergePatch(path, { metadata: { annotations: OPT_IN } });
    });
  }

  /** How long each new namespace waits, one after another, from the first sight of its ServiceAccount. */
  async newcomers(names: readonly string[]): Promise<readonly number[]> {
    const waits: number[] = [];
    for (const name of names) {
      await this.cluster.createNamespace(name, 'optedIn');
      waits.push(await this.latencyOf(name));
    }
    return waits;
  }

  /** How long it takes until each deleted Secret is back, one after another. */
  async repairs(names: readonly string[]): Promise<readonly number[]> {
    const { admin } = this.cluster.rig;
    const waits: number[] = [];
    for (const name of names) {
      await admin.delete(secretPath(name));
      const deletedAt = performance.now();
      const what = `the Secret of ${name} to be restored`;
      await eventually({ what, limitMs: GIVE_UP_MS, everyMs: 10 }, () =>
        admin.find(secretPath(name)),
      );
      waits.push(performance.now() - deletedAt);
    }
    return waits;
  }

  async latencyOf(name: string): Promise<number> {
    const what = `${name} to be served`;
    const { ms } = await eventually({ what, limitMs: GIVE_UP_MS, everyMs: 10 }, () => {
      const ms = this.cluster.arrivals.latencyOf(name);
      return Number.isNaN(ms) ? undefined : { ms };
    });
    return ms;
  }

  /** From now until all of them are ready, in ms. */
  async untilReady(names: readonly string[]): Promise<number> {
    const startedAt = performance.now();
    const readyAt = await Promise.race([
      this.cluster.arrivals.untilReady(names),
      delay(GIVE_UP_MS, Infinity, { ref: false }),
    ]);
    return Math.max(0, readyAt - startedAt);
  }

  async close(): Promise<void> {
    await this.cluster.close();
  }
}

/** The slowest of a few: their p99. */
export function waitFigure(name: string, waits: readonly number[]): Figure {
  return atMost(`  ${name} (p99 of ${waits.length})`, percentile(waits, 0.99), MOST_WAIT_MS, 'ms');
}

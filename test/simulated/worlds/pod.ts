/** One process of the controller, from its start to its end, including crashes, pauses and a clock of its own. */
import type { ControllerDependencies } from '../../../src/controller/controller.ts';
import { OUR_USER } from '../../support/cluster/install.ts';
import type { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { SimulatedController } from '../../support/simulated/simulated-controller.ts';
import type { Followed } from './network/hop-request.ts';
import type { NetworkParts } from './network/hop-network.ts';
import { HopWire } from './network/hop-wire.ts';
import { ProcessClock } from '../../support/ports/process-clock.ts';
import type { RandomStream } from './random-stream.ts';
import type { ConfigModel } from './model/config-model.ts';
import type { SimulatedEcr } from './network/simulated-ecr.ts';
import { Timeline } from './timeline.ts';
import { View } from './model/view.ts';
import type { WatchedLog } from './network/watched-log.ts';

export interface PodParts {
  readonly name: string;
  readonly network: NetworkParts;
  readonly simulator: SimulatedCluster;
  readonly ecr: SimulatedEcr;
  readonly random: RandomStream;
  readonly log: WatchedLog;
  readonly config: ConfigFileModel;
  /** Competes for the Lease. */
  readonly isElected: boolean;
  /** Watches each namespace separately. */
  readonly isRestricted: boolean;
  readonly plant?: ((parts: ControllerDependencies) => ControllerDependencies) | undefined;
}

/** The current file of the ConfigMap; an invalid file has no model. */
export interface ConfigFileModel {
  readonly text: string;
  readonly model: ConfigModel | undefined;
}

export class Pod {
  readonly name: string;
  readonly clock: ProcessClock;
  readonly #views = new Map<string, View>();
  /** The configurations that were in effect in it. */
  readonly configs: Timeline<ConfigModel | undefined>;
  #file: ConfigFileModel;
  readonly #parts: PodParts;
  readonly #wires: HopWire[] = [];
  readonly aliveSinceMs: number;
  #lastReceivedMs = -Infinity;
  #pausedAtMs = 0;
  #longestPauseMs = 0;
  #resumedAtMs = -Infinity;
  #clockSetAtMs = -Infinity;
  #controller: SimulatedController | undefined;

  constructor(parts: PodParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#file = parts.config;
    const { time } = parts.network;
    this.configs = new Timeline(parts.config.model);
    this.aliveSinceMs = time.monotonicMs();
    this.clock = new ProcessClock(time);
  }

  /** False if the configuration lets no process start. */
  async start(): Promise<boolean> {
    const { simulator, ecr, random, log, config, plant, name, isElected } = this.#parts;
    const { clock } = this;
    try {
      this.#controller = await SimulatedController.start({
        simulator: { wire: () => this.#openWire(simulator) },
        clock,
        minter: ecr.minterOf(this),
        random: random.next,
        log,
        config: config.text,
        reporter: name,
        elected: isElected,
        ...(plant === undefined ? {} : { plant }),
      });
    } catch {
      this.clock.isDead = true;
      return false;
    }
    return true;
  }

  viewOf({ resource, namespace = '' }: Followed): View {
    const key = `${resource} ${namespace}`;
    const view = this.#views.get(key) ?? new View(() => this.#nowMs);
    this.#views.set(key, view);
    return view;
  }

  get isElected(): boolean {
    return this.#parts.isElected;
  }

  /** What it knows of a resource in one namespace. */
  viewIn(namespace: string, resource: string): View {
    const { isRestricted } = this.#parts;
    return this.viewOf({ resource, namespace: isRestricted ? namespace : undefined });
  }

  /** What it knows of a resource in all namespaces. */
  viewsOf(resource: string): readonly View[] {
    const keys = [...this.#views.keys()].filter((key) => key.startsWith(`${resource} `));
    return keys.flatMap((key) => this.#views.get(key) ?? []);
  }

  get controller(): SimulatedController | undefined {
    return this.clock.isDead ? undefined : this.#controller;
  }

  get isDead(): boolean {
    return this.clock.isDead;
  }

  get isPaused(): boolean {
    return this.clock.isPaused;
  }

  received(): void {
    this.#lastReceivedMs = this.#nowMs;
  }

  /** When anything last arrived from the API server. */
  get lastReceivedMs(): number {
    return this.#lastReceivedMs;
  }

  /** How much longer than usual a write may lag behind its decision. */
  get recentPauseMs(): number {
    const sinceMs = this.#nowMs - this.#resumedAtMs;
    return sinceMs < 4 * 60_000 ? this.#longestPauseMs : 0;
  }

  /** How far its clock is, or was a moment ago, from the right time; infinite while unknown. */
  get skewMs(): number {
    return this.#nowMs - this.#clockSetAtMs < 24 * 3_600_000 && this.#clockSetAtMs > 0
      ? Infinity
      : this.clock.skewMs;
  }

  setClock(skewMs: number): void {
    this.#clockSetAtMs = this.#nowMs;
    this.clock.skewMs = skewMs;
  }

  /** SIGSTOP: nothing happens in it, and what reaches it waits. */
  pause(): void {
    if (this.clock.isPaused || this.clock.isDead) return;
    this.clock.pause();
    this.#pausedAtMs = this.#nowMs;
  }

  resume(): void {
    if (!this.clock.isPaused) return;
    this.#longestPauseMs = Math.max(this.recentPauseMs, this.#nowMs - this.#pausedAtMs);
    this.#resumedAtMs = this.#nowMs;
    this.clock.resume();
  }

  /** SIGKILL. */
  crash(): void {
    this.clock.isDead = true;
    for (const wire of this.#wires) wire.abandon();
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.crash();
  }

  set config(file: ConfigFileModel) {
    this.#file = file;
    if (this.#controller !== undefined) this.#controller.config = file.text;
  }

  /** It reports that it has read the file and uses it. */
  configApplied(): void {
    if (this.#file.model !== undefined) this.configs.set(this.#nowMs, this.#file.model);
  }

  cutWatches(how: { readonly midLine?: boolean; readonly junk?: boolean }): void {
    for (const wire of this.#wires) wire.cutWatches(how);
  }

  get #nowMs(): number {
    return this.#parts.network.time.monotonicMs();
  }

  #openWire(simulator: SimulatedCluster): HopWire {
    const wire = new HopWire(this.#parts.network, this, simulator.wire(OUR_USER));
    this.#wires.push(wire);
    return wire;
  }
}

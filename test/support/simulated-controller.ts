/** The whole controller over the simulator, wired as in app.ts, but for time, AWS, the log and the counters. */
import { inspect } from 'node:util';
import { ConfigFile } from '../../src/config/config-file.ts';
import { ConfigReload } from '../../src/config-reload.ts';
import { Controller } from '../../src/controller/controller.ts';
import type { TokenMinter } from '../../src/controller/ports.ts';
import { type ReconcileContext, withMemory } from '../../src/controller/reconcile-context.ts';
import { readClusterState } from '../../src/controller/read-cluster-state.ts';
import { TokenStore } from '../../src/controller/token-store.ts';
import { WorkQueue } from '../../src/controller/work-queue.ts';
import type { ClusterState } from '../../src/domain/cluster-state.ts';
import { instanceOf } from '../../src/domain/contract.ts';
import { type Cluster, clusterOver } from '../../src/kubernetes/connect-cluster.ts';
import type { Wire } from '../../src/kubernetes/wire.ts';
import type { SimulatedCluster } from '../../src/simulator/simulated-cluster.ts';
import { type Ticks, startTicks } from '../../src/ticks.ts';
import { environment } from './config-text.ts';
import type { FakeClock } from './fake-clock.ts';
import { OUR_USER } from './install.ts';
import { RecordedLog } from './recorded-log.ts';
import { RecordedMeasurements } from './recorded-measurements.ts';

const DRAIN_MS = 10_000;

export interface SimulatedControllerOptions {
  readonly simulator: SimulatedCluster;
  readonly clock: FakeClock;
  readonly minter: TokenMinter;
  readonly config?: string;
  readonly instance?: string;
  readonly reporter?: string;
}

export class SimulatedController {
  readonly log = new RecordedLog();
  readonly measurements = new RecordedMeasurements();
  readonly endings: string[] = [];
  readonly cluster: Cluster;
  readonly #file: { text: string };
  readonly #wire: Wire;
  readonly #context: ReconcileContext;
  readonly #tokens: TokenStore;
  readonly #controller: Controller;
  readonly #ticks: Ticks;

  static async start(options: SimulatedControllerOptions): Promise<SimulatedController> {
    const file = { text: options.config ?? '' };
    const configFile = new ConfigFile({
      path: 'config.yaml',
      readFile: () => Promise.resolve(file.text),
      environment,
    });
    const loaded = await configFile.load();
    return new SimulatedController(options, { file, configFile, loaded });
  }

  private constructor(
    { simulator, clock, minter, instance: instanceName = 'default', ...rest }: Options,
    { file, configFile, loaded }: Config,
  ) {
    const { log, measurements } = this;
    const reload = new ConfigReload({ configFile, loaded, log });
    this.#file = file;
    const random = newRandom(7);
    const { secretName, kubernetes } = loaded.process;
    const instance = instanceOf(instanceName, secretName);
    this.#wire = simulator.wire(OUR_USER);
    this.cluster = clusterOver(this.#wire, 'simulator', {
      kubeconfig: undefined,
      context: undefined,
      defaultKubeconfigs: [],
      userAgent: 'ecr-pull-secrets/test',
      reporter: rest.reporter ?? 'pod-1',
      instance,
      budget: kubernetes,
      clock,
      random,
      log,
      measurements,
      onRequest: () => undefined,
      onClockOffset: () => undefined,
      onWatchEnded: (resource, reason) => this.endings.push(`${resource} ${reason}`),
    });
    const { cluster } = this;
    const tokens = new TokenStore({ minter, clock, random, log, measurements });
    this.#tokens = tokens;
    this.#context = withMemory({
      instance,
      settings: () => reload.settings,
      clock,
      log,
      measurements,
      cluster: cluster.view,
      namespaces: cluster.namespaces,
      pullSecrets: cluster.pullSecrets,
      serviceAccounts: cluster.serviceAccounts,
      events: cluster.events,
      tokens,
    });
    const nothing = (): void => undefined;
    const observer = { added: nothing, retried: nothing, taken: nothing, done: nothing };
    const controller = new Controller(this.#context, new WorkQueue(clock, random, observer));
    this.#controller = controller;
    cluster.listen((change) => controller.notice(change));
    reload.listen(() => controller.sweep());
    this.#ticks = startTicks(clock, () => reload.poll());
    cluster.start();
    void cluster.untilSynced().then(() => controller.start());
  }

  /** The configuration file: read at every tick. */
  set config(text: string) {
    this.#file.text = text;
  }

  get state(): ClusterState {
    return readClusterState(this.#context);
  }

  /** What is wrong, by the checks of readiness and liveness. */
  get faults(): readonly string[] {
    const checks = this.cluster.healthChecks().map(({ findFault }) => findFault());
    return [...checks, this.#ticks.findFault()].filter((fault) => fault !== undefined);
  }

  sweep(): void {
    this.#controller.sweep();
  }

  /** Everything that was logged, in full. */
  get output(): string {
    return this.log.lines.map((line) => inspect(line, { depth: 12 })).join('\n');
  }

  /** As on SIGTERM. */
  async stop(): Promise<void> {
    this.#ticks.stop();
    await this.#controller.stop(DRAIN_MS);
    this.#tokens.stop();
    await this.cluster.stop(DRAIN_MS);
  }

  /** As on SIGKILL: nothing more is sent from now on. */
  async kill(): Promise<void> {
    await this.#wire.close();
    this.#ticks.stop();
    this.#tokens.stop();
    await Promise.all([this.#controller.stop(0), this.cluster.stop(0)]);
  }
}

type Options = SimulatedControllerOptions;

interface Config {
  readonly file: { text: string };
  readonly configFile: ConfigFile;
  readonly loaded: Awaited<ReturnType<ConfigFile['load']>>;
}

/** Repeatable. */
function newRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

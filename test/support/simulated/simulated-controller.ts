/** The whole controller over the simulator, wired as in app.ts, but for time, AWS, the log and the counters. */
import { inspect } from 'node:util';
import { ConfigFile } from '../../../src/config/config-file.ts';
import { ConfigReload } from '../../../src/config/config-reload.ts';
import {
  Controller,
  DRAIN_MS,
  type ControllerDependencies,
} from '../../../src/controller/controller.ts';
import { alwaysLeading, type Leadership } from '../../../src/controller/election/leadership.ts';
import type { Clock, Random } from '../../../src/base/clock.ts';
import type { TokenMinter } from '../../../src/controller/ports/token-minter.ts';
import type { ClusterState } from '../../../src/domain/state/cluster-state.ts';
import { instanceOf } from '../../../src/domain/contract.ts';
import { type Cluster, connectCluster } from '../../../src/kubernetes/connect-cluster.ts';
import { connectLease } from '../../../src/kubernetes/connect-lease.ts';
import type { Wire } from '../../../src/kubernetes/wire/wire.ts';
import type { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { type Ticks, startTicks } from '../../../src/base/ticks.ts';
import { environment } from '../values/config-text.ts';
import { INSTALLED_AS, OUR_USER } from '../cluster/install.ts';
import { RecordedLog } from '../ports/recorded-log.ts';
import { RecordedMeasurements } from '../ports/recorded-measurements.ts';
import { UNOBSERVED } from '../ports/unobserved-queue.ts';

const EVENT_DRAIN_MS = 3_000;

export interface SimulatedControllerOptions {
  readonly simulator: Pick<SimulatedCluster, 'wire'>;
  readonly clock: Clock;
  readonly minter: TokenMinter;
  readonly config?: string;
  readonly instance?: string;
  readonly reporter?: string;
  readonly leadership?: Leadership;
  /** Competes for the Lease, under the name of `reporter`, in the namespace of the installation. */
  readonly elected?: boolean;
  /** Who it is to the API server; has the rights that the test gives. Default: our ServiceAccount. */
  readonly user?: string;
  readonly random?: Random;
  readonly log?: RecordedLog;
  /** Puts faults of the program in: the parts as wired, and what to run on in their place. */
  readonly plant?: (parts: ControllerDependencies) => ControllerDependencies;
}

export class SimulatedController {
  readonly log: RecordedLog;
  readonly measurements = new RecordedMeasurements();
  readonly endings: string[] = [];
  readonly cluster: Cluster;
  readonly #file: { text: string };
  readonly #wires: Wire[] = [];
  readonly #controller: Controller;
  readonly #leadership: Leadership;
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
    const { log = new RecordedLog(), random = newRandom(7), plant = (parts) => parts } = rest;
    const { measurements } = this;
    this.log = log;
    const reload = new ConfigReload({ configFile, loaded, log });
    this.#file = file;
    const { scope, secretName, kubernetes } = loaded.process;
    const instance = instanceOf(instanceName, secretName);
    const openWire = (): Wire => {
      const wire = simulator.wire(rest.user ?? OUR_USER);
      this.#wires.push(wire);
      return wire;
    };
    const access = { address: 'simulator', openWire };
    const reporter = rest.reporter ?? 'pod-1';
    const lease = { instance, namespace: INSTALLED_AS.namespace, identity: reporter };
    const unobserved = { onRequest: () => undefined, onSlowPath: () => undefined };
    const leadership =
      rest.elected === true
        ? connectLease(access, { ...lease, clock, random, log, ...unobserved })
        : (rest.leadership ?? alwaysLeading());
    this.#leadership = leadership;
    this.cluster = connectCluster(access, {
      reporter,
      instance,
      scope,
      budget: kubernetes,
      clock,
      random,
      log,
      measurements,
      mayWrite: () => leadership.isLeading(),
      onRequest: () => undefined,
      onClockOffset: () => undefined,
      onWatchEnded: (resource, reason) => this.endings.push(`${resource} ${reason}`),
    });
    const { cluster } = this;
    this.#controller = new Controller(
      plant({
        instance,
        settings: () => reload.settings,
        clock,
        random,
        log,
        measurements,
        queueObserver: UNOBSERVED,
        cluster: cluster.view,
        changes: cluster,
        namespaces: cluster.namespaces,
        pullSecrets: cluster.pullSecrets,
        serviceAccounts: cluster.serviceAccounts,
        events: cluster.events,
        minter,
        leadership,
      }),
    );
    reload.listen(() => this.sweep());
    this.#ticks = startTicks(clock, () => reload.poll());
    cluster.start();
    this.#controller.start();
  }

  /** The configuration file: read at every tick. */
  set config(text: string) {
    this.#file.text = text;
  }

  /** `undefined` while it does not lead. */
  get state(): ClusterState | undefined {
    return this.#controller.readState();
  }

  get isLeading(): boolean {
    return this.#leadership.isLeading();
  }

  /** What is wrong, by the checks of readiness and liveness. */
  get faults(): readonly string[] {
    const checks = this.cluster.healthChecks().map(({ findFault }) => findFault());
    const leadership = this.#leadership;
    return [
      ...checks,
      this.#ticks.findFault(),
      leadership.findFault(),
      leadership.findRefusal(),
    ].filter((fault) => fault !== undefined);
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
    await this.cluster.stop(EVENT_DRAIN_MS);
  }

  /** As on SIGKILL: nothing more is sent from now on. */
  async kill(): Promise<void> {
    await Promise.all(this.#wires.map((wire) => wire.close()));
    this.#ticks.stop();
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

/** The whole controller over the simulator, assembled as by `run`; time, the API server and AWS are simulated. */
import { inspect } from 'node:util';
import { assemble, type Hooks } from '../../../src/app/assemble.ts';
import type { Replica } from '../../../src/app/replica.ts';
import type { Clock, Random } from '../../../src/base/clock.ts';
import { ConfigFile } from '../../../src/config/config-file.ts';
import { ConfigReload } from '../../../src/config/config-reload.ts';
import type { ControllerDependencies } from '../../../src/controller/controller.ts';
import type { Leadership } from '../../../src/controller/election/leadership.ts';
import type { GuardChoice } from '../../../src/controller/ports/guard.ts';
import type { TokenMinter } from '../../../src/controller/ports/token-minter.ts';
import type { ClusterState } from '../../../src/domain/state/cluster-state.ts';
import type { Cluster } from '../../../src/kubernetes/connect-cluster.ts';
import type { Wire } from '../../../src/kubernetes/wire/wire.ts';
import { METRIC_PREFIX } from '../../../src/telemetry/metrics/metric-names.ts';
import type { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { environment } from '../values/config-text.ts';
import { INSTALLED_AS, OUR_USER } from '../cluster/install.ts';
import { MetricsPage } from '../process/metrics-page.ts';
import { RecordedLog } from '../ports/recorded-log.ts';

export interface SimulatedControllerOptions {
  readonly simulator: Pick<SimulatedCluster, 'wire'>;
  readonly clock: Clock;
  readonly minter: TokenMinter;
  readonly config?: string;
  readonly instance?: string;
  readonly reporter?: string;
  readonly leadership?: Leadership;
  readonly guard?: GuardChoice;
  /** Competes for the Lease in the installation's namespace, with `reporter` as its name. */
  readonly elected?: boolean;
  /** Its API server user, with the permissions that the test grants. Default: our ServiceAccount. */
  readonly user?: string;
  readonly random?: Random;
  readonly log?: RecordedLog;
  /** Injects bugs into the program: gets the parts as wired, returns the parts to use instead. */
  readonly plant?: (parts: ControllerDependencies) => ControllerDependencies;
}

export class SimulatedController {
  readonly log: RecordedLog;
  readonly #file: { text: string };
  readonly #wires: Wire[] = [];
  readonly #replica: Replica;

  static async start(options: SimulatedControllerOptions): Promise<SimulatedController> {
    const { log = new RecordedLog() } = options;
    const file = { text: options.config ?? '' };
    const configFile = new ConfigFile({
      path: 'config.yaml',
      readFile: () => Promise.resolve(file.text),
      environment,
    });
    const config = await ConfigReload.open(configFile, log);
    return new SimulatedController(options, { file, config, log });
  }

  private constructor(
    options: SimulatedControllerOptions,
    {
      file,
      config,
      log,
    }: {
      readonly file: { text: string };
      readonly config: ConfigReload;
      readonly log: RecordedLog;
    },
  ) {
    const { clock, minter, instance = 'default', reporter = 'pod-1' } = options;
    this.log = log;
    this.#file = file;
    this.#replica = assemble({
      instanceName: instance,
      reporter,
      clock,
      random: options.random ?? newRandom(7),
      log,
      config,
      apiServer: { address: 'simulator', openWire: () => this.#openWire(options) },
      lease:
        options.elected === true
          ? { namespace: INSTALLED_AS.namespace, candidate: reporter }
          : undefined,
      guard: options.guard,
      openMinter: () => ({ mint: (...call) => minter.mint(...call), close: () => undefined }),
      hooks: hooksOf(options),
    });
    this.#replica.start();
  }

  /** The text of the configuration file, which is read at every tick. */
  set config(text: string) {
    this.#file.text = text;
  }

  get cluster(): Cluster {
    return this.#replica.cluster;
  }

  /** `undefined` while the replica does not lead. */
  readState(): Promise<ClusterState | undefined> {
    return this.#replica.controller.readState();
  }

  get isLeading(): boolean {
    return this.#replica.leadership.isLeading();
  }

  /** The faults that the readiness and liveness checks report. */
  get faults(): readonly string[] {
    const { livez, readyz } = this.#replica.health;
    return [...readyz, ...livez]
      .map(({ findFault }) => findFault())
      .filter((fault) => fault !== undefined);
  }

  /** The current value of one of our metrics: the sum of its series with these labels. */
  async scrape(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return (await this.scrapeIfPresent(name, labels)) ?? 0;
  }

  /** The same; `undefined` if there is no such series. */
  async scrapeIfPresent(
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): Promise<number | undefined> {
    const { body } = await this.#replica.metrics.render();
    return MetricsPage.parse(body).value(`${METRIC_PREFIX}${name}`, labels);
  }

  /** Sweeps now, regardless of the schedule. */
  sweep(): void {
    this.#replica.controller.sweep();
  }

  /** Everything that was logged, in full. */
  get output(): string {
    return this.log.lines.map((line) => inspect(line, { depth: 12 })).join('\n');
  }

  /** Stops as on SIGTERM. */
  stop(): Promise<void> {
    return this.#replica.stop();
  }

  /** Ends as on SIGKILL: nothing is sent any more. */
  async kill(): Promise<void> {
    await Promise.all(this.#wires.map((wire) => wire.close()));
    await this.#replica.stop({ drainMs: 0, eventDrainMs: 0 });
  }

  #openWire({ simulator, user = OUR_USER }: SimulatedControllerOptions): Wire {
    const wire = simulator.wire(user);
    this.#wires.push(wire);
    return wire;
  }
}

function hooksOf({ leadership, plant }: SimulatedControllerOptions): Hooks {
  return {
    ...(leadership === undefined ? {} : { leadership: () => leadership }),
    ...(plant === undefined ? {} : { controller: plant }),
  };
}

/** A repeatable random number generator. */
function newRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

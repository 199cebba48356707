/** A real control plane for one benchmark, with the controller installed but not running, and separate clients for watches and writes. */
import type { AdminClient } from '../test/support/control-plane/admin-client.ts';
import type { AuditEvent } from '../test/support/control-plane/audit-log.ts';
import type { ControllerProcess } from '../test/support/process/controller-process.ts';
import { OUR_USER } from '../test/support/cluster/install.ts';
import { Rig } from '../test/support/cluster/rig.ts';
import { Arrivals } from './arrivals.ts';
import { OPT_IN } from './bench-names.ts';
import type { BenchOptions } from './bench-options.ts';
import { inParallel } from '../src/base/in-parallel.ts';

/** Enough to keep two cores busy. */
const SET_UP_AT_A_TIME = 32;

export class BenchCluster {
  readonly rig: Rig;
  readonly arrivals: Arrivals;
  readonly #watcher: AdminClient;
  readonly #options: BenchOptions;

  private constructor(
    rig: Rig,
    watcher: AdminClient,
    options: BenchOptions,
    arrivals = new Arrivals(watcher),
  ) {
    this.rig = rig;
    this.#watcher = watcher;
    this.#options = options;
    this.arrivals = arrivals;
  }

  static async open(options: BenchOptions): Promise<BenchCluster> {
    const rig = await Rig.open({ controlPlane: 'own' });
    return new BenchCluster(rig, await rig.controlPlane.admin(), options);
  }

  /** The same cluster, for starting another build. */
  running(program: string): BenchCluster {
    return new BenchCluster(this.rig, this.#watcher, { ...this.#options, program }, this.arrivals);
  }

  /** Resolves when the process runs; it may not be ready yet. */
  async startController(config: string | undefined): Promise<ControllerProcess> {
    const { program, nodeFlags } = this.#options;
    return this.rig.start({
      flags: ['--log-level', 'info'],
      nodeFlags,
      ...(config === undefined ? {} : { config }),
      ...(program === undefined ? {} : { program }),
    });
  }

  async createNamespace(name: string, kind: 'optedIn' | 'other'): Promise<void> {
    const annotations = kind === 'optedIn' ? OPT_IN : {};
    await this.rig.admin.create('/api/v1/namespaces', { metadata: { name, annotations } });
  }

  /** Resolves when every namespace has its `default` ServiceAccount. */
  async createNamespaces(names: readonly string[], kind: 'optedIn' | 'other'): Promise<void> {
    await inParallel(names, { atOnce: SET_UP_AT_A_TIME }, (name) =>
      this.createNamespace(name, kind),
    );
    await this.arrivals.accounts(names);
  }

  /** The controller's requests to the API server since then, including Events. */
  async controllerRequests(since: Date): Promise<readonly AuditEvent[]> {
    const mark = `/api/v1/namespaces/mark-${Date.now()}`;
    await this.rig.admin.find(mark);
    for (;;) {
      const seen = await this.rig.controlPlane.auditLog();
      if (!seen.some(({ uri }) => uri === mark)) continue;
      return seen.filter(
        ({ user, receivedAt, verb, stage }) =>
          user === OUR_USER &&
          receivedAt >= since &&
          // An open watch has not ended yet: only its start is logged.
          stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete'),
      );
    }
  }

  async close(): Promise<void> {
    this.arrivals.stop();
    await this.#watcher.close();
    await this.rig.close();
  }
}

/** One replica of the controller, from its start to its end. */
import type { Clock } from '../base/clock.ts';
import type { Schedule } from '../base/cron.ts';
import type { Log } from '../base/log.ts';
import { type Ticks, startTicks } from '../base/ticks.ts';
import type { ConfigReload } from '../config/config-reload.ts';
import { type Controller, DRAIN_MS } from '../controller/controller.ts';
import type { Leadership } from '../controller/election/leadership.ts';
import type { Cluster } from '../kubernetes/connect-cluster.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { type HealthChecks, healthChecksOf } from './health-checks.ts';

interface Dependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: ConfigReload;
  readonly schedule: Schedule;
  readonly metrics: Metrics;
  readonly leadership: Leadership;
  readonly cluster: Cluster;
  readonly controller: Controller;
  /** Closes what is left open once the lead has been given up. */
  readonly close: () => Promise<void>;
}

/** For the Events that wait at the end. Events are only information: they must not delay the next process any longer. */
const EVENT_DRAIN_MS = 3_000;

/** How long a stop may take: for passes under way, and then for the Events that wait. */
interface StopLimits {
  readonly drainMs: number;
  readonly eventDrainMs: number;
}

const LIMITS: StopLimits = { drainMs: DRAIN_MS, eventDrainMs: EVENT_DRAIN_MS };

export class Replica {
  readonly metrics: Metrics;
  readonly health: HealthChecks;
  readonly cluster: Cluster;
  readonly controller: Controller;
  readonly leadership: Leadership;
  readonly #deps: Dependencies;
  #ticks: Ticks | undefined;

  constructor(deps: Dependencies) {
    this.#deps = deps;
    this.metrics = deps.metrics;
    this.cluster = deps.cluster;
    this.controller = deps.controller;
    this.leadership = deps.leadership;
    const ticks = { findFault: () => this.#ticks?.findFault() };
    this.health = healthChecksOf({ ...deps, ticks });
  }

  /** Waits for what is missing, such as an API server that can't be reached. */
  start(): void {
    const { clock, log, cluster, controller } = this.#deps;
    this.#ticks = startTicks(clock, () => this.#tick());
    cluster.start();
    void cluster.untilSynced().then(() => {
      log.info({ namespaces: cluster.view.size }, 'caches are complete');
    });
    controller.start();
  }

  /** Lets work under way finish, gives up the lead, then ends everything. */
  async stop({ drainMs, eventDrainMs } = LIMITS): Promise<void> {
    const { cluster, controller, close } = this.#deps;
    this.#ticks?.stop();
    await controller.stop(drainMs);
    await close();
    await cluster.stop(eventDrainMs);
  }

  async #tick(): Promise<void> {
    const { schedule, controller, config } = this.#deps;
    if (schedule.isDue()) controller.sweep();
    controller.tidy();
    await config.poll();
    await controller.reportWaiting();
  }
}

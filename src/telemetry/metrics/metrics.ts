/** All metrics, in one registry; each area has a class of its own. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import { ConfigMetrics } from './config-metrics.ts';
import { ControllerMetrics } from './controller-metrics.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { GuardMetrics } from './guard-metrics.ts';
import { LeaderMetrics } from './leader-metrics.ts';
import { METRIC_PREFIX } from './metric-names.ts';
import { QueueMetrics } from './queue-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';
import { StateMetrics } from './state-metrics.ts';
import { WatchMetrics } from './watch-metrics.ts';

/** Those of prom-client are the longest since the last scrape, whoever scraped; `EventLoopDelay` is the one measure. */
const NOT_SHOWN = /^nodejs_eventloop_lag/;
/** So rarely that they cost nothing. */
const NOT_MEASURED = { eventLoopMonitoringPrecision: 3_600_000 };

interface Series {
  readonly name: string;
  /** `counter`, `gauge` or `histogram`. */
  readonly type: string;
  readonly labels: readonly string[];
}

export class Metrics {
  readonly controller: ControllerMetrics;
  readonly requests: RequestMetrics;
  readonly queue: QueueMetrics;
  readonly watches: WatchMetrics;
  readonly config: ConfigMetrics;
  readonly leader: LeaderMetrics;
  readonly guard: GuardMetrics;
  readonly state: StateMetrics;
  readonly #registry: Registry;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    const registry = new Registry();
    this.#registry = registry;
    this.#clock = clock;
    this.controller = new ControllerMetrics(registry, clock);
    this.requests = new RequestMetrics(registry);
    this.queue = new QueueMetrics(registry, clock);
    this.watches = new WatchMetrics(registry);
    this.config = new ConfigMetrics(registry);
    this.leader = new LeaderMetrics(registry);
    this.guard = new GuardMetrics(registry);
    this.state = new StateMetrics(registry);
  }

  /**
   * Adds the version, the lines that the log has lost, and the standard metrics of the process. Only the owner of the
   * process may call it, once.
   */
  describeProcess(version: string, lostLines: () => number): void {
    new Gauge({
      name: `${METRIC_PREFIX}build_info`,
      help: 'Always 1; the labels show the version of the controller and of Node.',
      labelNames: ['version', 'node_version'],
      registers: [this.#registry],
    }).set({ version, node_version: process.version }, 1);
    const lost = new Counter({
      name: `${METRIC_PREFIX}log_lines_lost_total`,
      help: 'Lines of the log that were lost, because nobody read them.',
      registers: [this.#registry],
      collect: () => {
        lost.reset();
        lost.inc(lostLines());
      },
    });
    const delay = new EventLoopDelay(this.#clock);
    const longest: Gauge = new Gauge({
      name: `${METRIC_PREFIX}event_loop_longest_delay_seconds`,
      help: 'The longest delay of the event loop within the last minute.',
      registers: [this.#registry],
      collect: () => longest.set(delay.longestMs / 1000),
    });
    collectDefaultMetrics({ register: this.#registry, ...NOT_MEASURED });
    for (const { name } of this.series()) {
      if (NOT_SHOWN.test(name)) this.#registry.removeSingleMetric(name);
    }
  }

  /** Every series that a scrape can show, for the test that compares the documentation with it. */
  series(): readonly Series[] {
    // The types of prom-client lack the label names, and have the type as an enum.
    const metrics = this.#registry.getMetricsAsArray() as unknown as readonly {
      readonly name: string;
      readonly type: string;
      readonly labelNames: readonly string[];
    }[];
    return metrics.map(({ name, type, labelNames }) => ({ name, type, labels: labelNames }));
  }

  /** Reads the state now, once for all gauges. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    this.config.refresh();
    this.leader.refresh();
    this.guard.refresh();
    this.queue.refresh();
    this.watches.refresh();
    await this.state.refresh();
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }
}

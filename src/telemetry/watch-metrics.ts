/** Whether the caches are complete and their watches alive. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../controller/ports.ts';
import { METRIC_PREFIX, WATCHED_RESOURCES } from './metric-names.ts';

export class WatchMetrics {
  readonly #clock: Clock;
  readonly #lastEvent: Gauge<'resource'>;
  readonly #restarts: Counter<'resource' | 'reason'>;
  readonly #synced: Gauge<'resource'>;

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock;
    const registers = [registry];
    this.#lastEvent = new Gauge({
      name: `${METRIC_PREFIX}watch_last_event_timestamp_seconds`,
      help: 'When the watch last brought an event or a bookmark.',
      labelNames: ['resource'],
      registers,
    });
    this.#restarts = new Counter({
      name: `${METRIC_PREFIX}watch_restarts_total`,
      help: 'Watches begun anew.',
      labelNames: ['resource', 'reason'],
      registers,
    });
    this.#synced = new Gauge({
      name: `${METRIC_PREFIX}informer_synced`,
      help: '1 while the cache holds all there is.',
      labelNames: ['resource'],
      registers,
    });
    for (const resource of WATCHED_RESOURCES) this.#synced.set({ resource }, 0);
  }

  /** An event, a bookmark or a list came. */
  heard(resource: string): void {
    this.#lastEvent.set({ resource }, this.#clock.now().getTime() / 1000);
  }

  restarted(resource: string, reason: string): void {
    this.#restarts.inc({ resource, reason });
  }

  synced(resource: string, isSynced: boolean): void {
    this.#synced.set({ resource }, isSynced ? 1 : 0);
  }
}

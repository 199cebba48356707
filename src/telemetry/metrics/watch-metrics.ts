/** Whether the caches are complete and their watches are alive. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRIC_PREFIX, WATCHED_RESOURCES } from './metric-names.ts';

export interface WatchState {
  readonly resource: string;
  readonly synced: boolean;
  /** An event, a bookmark or a list. */
  readonly lastEventAt: Date | undefined;
  readonly tooLarge: number;
}

export class WatchMetrics {
  readonly #lastEvent: Gauge<'resource'>;
  readonly #restarts: Counter<'resource' | 'cause'>;
  readonly #synced: Gauge<'resource'>;
  readonly #tooLarge: Gauge<'resource'>;
  #read: () => Iterable<WatchState> = () => [];

  constructor(registry: Registry) {
    const registers = [registry];
    this.#lastEvent = new Gauge({
      name: `${METRIC_PREFIX}watch_last_event_timestamp_seconds`,
      help: 'Time of the last event or bookmark from the watch.',
      labelNames: ['resource'],
      registers,
    });
    this.#restarts = new Counter({
      name: `${METRIC_PREFIX}watch_restarts_total`,
      help: 'Restarts of watches, by the cause that ended the last one.',
      labelNames: ['resource', 'cause'],
      registers,
    });
    this.#synced = new Gauge({
      name: `${METRIC_PREFIX}informer_synced`,
      help: '1 once the cache holds a complete list.',
      labelNames: ['resource'],
      registers,
    });
    this.#tooLarge = new Gauge({
      name: `${METRIC_PREFIX}objects_too_large`,
      help: 'Objects that are too large to be read, and so are left alone.',
      labelNames: ['resource'],
      registers,
    });
    for (const resource of WATCHED_RESOURCES) this.#synced.set({ resource }, 0);
  }

  /** `read` is called at every scrape. */
  collectFrom(read: () => Iterable<WatchState>): void {
    this.#read = read;
  }

  restarted(resource: string, cause: string): void {
    this.#restarts.inc({ resource, cause });
  }

  refresh(): void {
    for (const { resource, synced, lastEventAt, tooLarge } of this.#read()) {
      this.#synced.set({ resource }, synced ? 1 : 0);
      this.#tooLarge.set({ resource }, tooLarge);
      if (lastEventAt === undefined) continue;
      this.#lastEvent.set({ resource }, lastEventAt.getTime() / 1000);
    }
  }
}

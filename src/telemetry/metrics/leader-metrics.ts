/** Whether this replica leads, under client-go's metric names, and whether any replica may. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { seriesIn } from './metric-names.ts';

interface Lease {
  readonly isLeading: () => boolean;
  readonly isPaused: () => boolean;
}

export class LeaderMetrics {
  readonly #status: Gauge<'name'>;
  readonly #slowPath: Counter<'name'>;
  readonly #paused: Gauge;
  #observed: { readonly name: string; readonly lease: Lease } | undefined;

  constructor(registry: Registry) {
    const common = { labelNames: ['name'] as const, registers: [registry] };
    this.#status = new Gauge({
      name: 'leader_election_master_status',
      help: '1 while this replica leads; the label name is that of the Lease.',
      ...common,
    });
    this.#slowPath = new Counter({
      name: 'leader_election_slowpath_total',
      help: 'Renewals by the leader that had to read the Lease first, because somebody had changed it.',
      ...common,
    });
    this.#paused = new Gauge(
      seriesIn(registry)(
        'paused',
        '1 while the pause annotation on the Lease keeps every replica from leading.',
      ),
    );
  }

  /**
   * `lease` is read at every scrape. Without this call the replica runs alone: it leads no others and can't be paused.
   */
  collectFrom(name: string, lease: Lease): void {
    this.#observed = { name, lease };
    this.#slowPath.inc({ name }, 0);
  }

  slowPathTaken(): void {
    if (this.#observed !== undefined) this.#slowPath.inc({ name: this.#observed.name });
  }

  refresh(): void {
    if (this.#observed === undefined) return;
    const { name, lease } = this.#observed;
    this.#status.set({ name }, lease.isLeading() ? 1 : 0);
    this.#paused.set(lease.isPaused() ? 1 : 0);
  }
}

/** Whether this replica leads, in client-go's words, and whether anybody may. */
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
      help: '1 while this replica leads; name is that of the lease.',
      ...common,
    });
    this.#slowPath = new Counter({
      name: 'leader_election_slowpath_total',
      help: 'Renewals of the leader that had to look first, because somebody had changed the lease.',
      ...common,
    });
    this.#paused = new Gauge(
      seriesIn(registry)('paused', '1 while a mark on the lease keeps every replica from leading.'),
    );
  }

  /** Both are asked at every scrape. Without this the replica is alone: it neither leads others nor can be paused. */
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

/** Whether this replica leads, in client-go's words. */
import { Counter, Gauge, type Registry } from 'prom-client';

export class LeaderMetrics {
  readonly #status: Gauge<'name'>;
  readonly #slowPath: Counter<'name'>;
  #lease: { readonly name: string; readonly isLeading: () => boolean } | undefined;

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
  }

  /** `isLeading` is asked at every scrape. Without this there are no series: the replica is alone. */
  collectFrom(name: string, isLeading: () => boolean): void {
    this.#lease = { name, isLeading };
    this.#slowPath.inc({ name }, 0);
  }

  slowPathTaken(): void {
    if (this.#lease !== undefined) this.#slowPath.inc({ name: this.#lease.name });
  }

  refresh(): void {
    if (this.#lease === undefined) return;
    const { name, isLeading } = this.#lease;
    this.#status.set({ name }, isLeading() ? 1 : 0);
  }
}

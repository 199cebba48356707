/** The work queue, under client-go's standard names. It measures the times itself: the queue only reports events. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';

const QUEUE = { name: 'namespaces' };
const BUCKETS_S = [1e-4, 1e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300];

export class QueueMetrics {
  readonly #clock: Clock;
  readonly #waitingSince = new Map<string, number>();
  readonly #workingSince = new Map<string, number>();
  readonly #depth: Gauge<'name'>;
  readonly #adds: Counter<'name'>;
  readonly #retries: Counter<'name'>;
  readonly #waited: Histogram<'name'>;
  readonly #worked: Histogram<'name'>;
  readonly #unfinished: Gauge<'name'>;
  readonly #longest: Gauge<'name'>;

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock;
    const about = (name: string, help: string) => ({
      name: `workqueue_${name}`,
      help,
      labelNames: ['name'] as const,
      registers: [registry],
    });
    this.#depth = new Gauge(about('depth', 'Namespaces waiting for a pass.'));
    this.#adds = new Counter(about('adds_total', 'Namespaces queued for a pass.'));
    this.#retries = new Counter(
      about('retries_total', 'Requeues after a failure, or to check the result of a write.'),
    );
    this.#waited = new Histogram({
      ...about('queue_duration_seconds', 'How long a namespace waits for its pass.'),
      buckets: BUCKETS_S,
    });
    this.#worked = new Histogram({
      ...about('work_duration_seconds', 'Duration of a pass.'),
      buckets: BUCKETS_S,
    });
    this.#unfinished = new Gauge(
      about('unfinished_work_seconds', 'Time spent so far by all passes under way.'),
    );
    this.#longest = new Gauge(
      about('longest_running_processor_seconds', 'Time spent so far by the oldest pass under way.'),
    );
    this.#adds.inc(QUEUE, 0);
    this.#retries.inc(QUEUE, 0);
  }

  /** The key is ready for work; a repeat while it waits does not count. */
  added(key: string): void {
    if (this.#waitingSince.has(key)) return;
    this.#waitingSince.set(key, this.#nowMs());
    this.#adds.inc(QUEUE);
  }

  retried(): void {
    this.#retries.inc(QUEUE);
  }

  taken(key: string): void {
    this.#finish(this.#waitingSince, key, this.#waited);
    this.#workingSince.set(key, this.#nowMs());
  }

  done(key: string): void {
    this.#finish(this.#workingSince, key, this.#worked);
  }

  dropped(key: string): void {
    this.#waitingSince.delete(key);
  }

  refresh(): void {
    const nowMs = this.#nowMs();
    const ages = [...this.#workingSince.values()].map((sinceMs) => (nowMs - sinceMs) / 1000);
    this.#depth.set(QUEUE, this.#waitingSince.size);
    this.#unfinished.set(
      QUEUE,
      ages.reduce((sum, age) => sum + age, 0),
    );
    this.#longest.set(QUEUE, Math.max(0, ...ages));
  }

  #finish(since: Map<string, number>, key: string, histogram: Histogram<'name'>): void {
    const startedMs = since.get(key);
    if (startedMs === undefined) return;
    since.delete(key);
    histogram.observe(QUEUE, (this.#nowMs() - startedMs) / 1000);
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }
}

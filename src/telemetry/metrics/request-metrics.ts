/** Requests to the API server, under client-go's standard names, and the clock offsets of the servers. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRIC_PREFIX } from './metric-names.ts';

/** As in client-go. */
const BUCKETS_S = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export class RequestMetrics {
  readonly #requests: Counter<'code' | 'method' | 'resource'>;
  readonly #duration: Histogram<'verb'>;
  readonly #clockOffset: Gauge<'source'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'rest_client_requests_total',
      help: 'Requests to the API server; the code is <error> if there was no response.',
      labelNames: ['code', 'method', 'resource'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Duration of requests to the API server, without watches.',
      labelNames: ['verb'],
      buckets: BUCKETS_S,
      registers,
    });
    this.#clockOffset = new Gauge({
      name: `${METRIC_PREFIX}clock_offset_seconds`,
      help: "How far the server's clock is ahead of ours, accurate to about a second.",
      labelNames: ['source'],
      registers,
    });
  }

  requested(call: {
    readonly method: string;
    readonly resource: string;
    readonly watch: boolean;
    readonly status: number | 'error';
    readonly durationMs: number;
  }): void {
    const { method, resource, watch, status, durationMs } = call;
    const code = status === 'error' ? '<error>' : String(status);
    this.#requests.inc({ code, method, resource });
    if (!watch) this.#duration.observe({ verb: method }, durationMs / 1000);
  }

  clockSeen(source: 'kubernetes' | 'aws', offsetMs: number): void {
    this.#clockOffset.set({ source }, offsetMs / 1000);
  }
}

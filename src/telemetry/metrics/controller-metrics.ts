/** The metrics of the controller and its writers. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import type { Measurements } from '../../controller/ports/measurements.ts';
import {
  seriesIn,
  KIND_LABELS,
  RECONCILE_RESULTS,
  TOKEN_RESULTS,
  WRITE_RESULTS,
  WRITE_VERBS,
} from './metric-names.ts';

const MINT_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const RECONCILE_BUCKETS_S = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];
const READY_BUCKETS_S = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

export class ControllerMetrics implements Measurements {
  readonly #clock: Clock;
  readonly #tokenRequests: Counter<'profile' | 'result'>;
  readonly #tokenDuration: Histogram;
  readonly #lastSuccess: Gauge<'profile'>;
  readonly #writes: Counter<'kind' | 'verb' | 'result'>;
  readonly #conflicts: Counter<'kind'>;
  readonly #refusals: Counter<'reason'>;
  readonly #reconciles: Counter<'result'>;
  readonly #reconcileDuration: Histogram;
  readonly #readyDuration: Histogram;
  readonly #eventsDropped: Counter;

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock;
    const about = seriesIn(registry);
    this.#tokenRequests = new Counter(
      about('token_requests_total', 'Calls to ECR for a token.', ['profile', 'result']),
    );
    this.#tokenDuration = new Histogram({
      ...about('token_request_duration_seconds', 'Duration of calls to ECR for a token.'),
      buckets: MINT_BUCKETS_S,
    });
    this.#lastSuccess = new Gauge(
      about('last_success_timestamp_seconds', 'Time of the last usable token from ECR.', [
        'profile',
      ]),
    );
    this.#writes = new Counter(
      about('writes_total', 'Writes to Secrets and ServiceAccounts.', ['kind', 'verb', 'result']),
    );
    this.#conflicts = new Counter(
      about('conflicts_total', 'Writes that lost a race with another writer.', ['kind']),
    );
    this.#refusals = new Counter(
      about(
        'ownership_refused_total',
        'Writes not made because the Secret is not ours to change.',
        ['reason'],
      ),
    );
    this.#reconciles = new Counter(
      about('reconcile_total', 'Reconciliations of a namespace.', ['result']),
    );
    this.#reconcileDuration = new Histogram({
      ...about('reconcile_duration_seconds', 'Duration of one reconciliation of a namespace.'),
      buckets: RECONCILE_BUCKETS_S,
    });
    this.#readyDuration = new Histogram({
      ...about(
        'namespace_ready_duration_seconds',
        'Time from seeing an opted-in namespace for the first time until it has its Secret.',
      ),
      buckets: READY_BUCKETS_S,
    });
    this.#eventsDropped = new Counter(
      about('events_dropped_total', 'Kubernetes Events that were not sent.'),
    );
    this.#startAtZero();
  }

  /** Creates the counters of these profiles with zero, before their first call. */
  expectProfiles(profiles: Iterable<string>): void {
    for (const profile of profiles) {
      for (const result of TOKEN_RESULTS) this.#tokenRequests.inc({ profile, result }, 0);
    }
  }

  tokenRequested(profile: string, result: string, durationMs: number): void {
    this.#tokenRequests.inc({ profile, result });
    this.#tokenDuration.observe(durationMs / 1000);
    if (result !== 'success') return;
    this.#lastSuccess.set({ profile }, this.#clock.now().getTime() / 1000);
  }

  written(kind: 'Secret' | 'ServiceAccount', verb: string, result: string): void {
    this.#writes.inc({ kind: KIND_LABELS[kind], verb, result });
  }

  conflicted(kind: 'Secret' | 'ServiceAccount'): void {
    this.#conflicts.inc({ kind: KIND_LABELS[kind] });
  }

  ownershipRefused(reason: string): void {
    this.#refusals.inc({ reason });
  }

  reconciled(result: string, durationMs: number): void {
    this.#reconciles.inc({ result });
    this.#reconcileDuration.observe(durationMs / 1000);
  }

  namespaceReady(durationMs: number): void {
    this.#readyDuration.observe(durationMs / 1000);
  }

  eventDropped(): void {
    this.#eventsDropped.inc();
  }

  #startAtZero(): void {
    for (const result of WRITE_RESULTS) {
      for (const [kind, verbs] of Object.entries(WRITE_VERBS)) {
        for (const verb of verbs) this.#writes.inc({ kind, verb, result }, 0);
      }
    }
    for (const kind of Object.keys(WRITE_VERBS)) this.#conflicts.inc({ kind }, 0);
    for (const result of RECONCILE_RESULTS) this.#reconciles.inc({ result }, 0);
  }
}

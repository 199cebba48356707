/** Gauges of the cluster's state, computed at scrape. What is unknown has no series, because a zero would be wrong. */
import { Gauge, type Registry } from 'prom-client';
import type {
  ClusterState,
  CachedTokenState,
  SecretCounts,
} from '../../domain/state/cluster-state.ts';
import { seriesIn } from './metric-names.ts';
import { TroubleMetrics } from './trouble-metrics.ts';

export class StateMetrics {
  readonly #namespaces: Gauge;
  readonly #secrets: Gauge<'state'>;
  readonly #entries: Gauge<'profile' | 'state'>;
  readonly #earliestExpiry: Gauge<'profile'>;
  readonly #expiring: Gauge<'le'>;
  readonly #tokenExpiry: Gauge<'profile'>;
  readonly #failing: Gauge<'profile'>;
  readonly #troubles: TroubleMetrics;
  readonly #removalsPending: Gauge;
  readonly #brake: Gauge;
  #readCluster: () => Promise<ClusterState | undefined> = () => Promise.resolve(undefined);
  #readTokens: () => Iterable<CachedTokenState> = () => [];

  constructor(registry: Registry) {
    const about = seriesIn(registry);
    this.#namespaces = new Gauge(about('managed_namespaces', 'Namespaces that have opted in.'));
    this.#secrets = new Gauge({
      ...about(
        'managed_secrets',
        'Namespaces that have our Secret or should have one, by its worst state.',
      ),
      labelNames: ['state'],
    });
    this.#entries = new Gauge({
      ...about('secret_entries', 'Entries of our Secrets: one per profile and region.'),
      labelNames: ['profile', 'state'],
    });
    this.#earliestExpiry = new Gauge({
      ...about(
        'earliest_expiry_timestamp_seconds',
        'Time at which the first entry of the profile expires.',
      ),
      labelNames: ['profile'],
    });
    this.#expiring = new Gauge({
      ...about(
        'secret_entries_expiring',
        'Entries that expire within le seconds from now, including expired ones.',
      ),
      labelNames: ['le'],
    });
    this.#tokenExpiry = new Gauge({
      ...about('token_expiry_timestamp_seconds', 'Time at which the cached token expires.'),
      labelNames: ['profile'],
    });
    this.#failing = new Gauge({
      ...about('token_failing', '1 while the profile gets no token that a namespace needs.'),
      labelNames: ['profile'],
    });
    this.#troubles = new TroubleMetrics(registry);
    this.#removalsPending = new Gauge(
      about(
        'removals_pending',
        'Secrets that are due to be deleted, or to lose a profile, within ten minutes; not those that the API server refuses.',
      ),
    );
    this.#brake = new Gauge(
      about('removal_brake_engaged', '1 while too many pending removals stop every removal.'),
    );
  }

  /** `readCluster` is called once per scrape; it returns `undefined` while the caches are not complete. */
  collectFrom(readCluster: () => Promise<ClusterState | undefined>): void {
    this.#readCluster = readCluster;
  }

  collectTokensFrom(readTokens: () => Iterable<CachedTokenState>): void {
    this.#readTokens = readTokens;
  }

  /** What it shows changes in one step, once everything has been read. */
  async refresh(): Promise<void> {
    const cluster = await this.#readCluster();
    this.#clear();
    for (const { profile, expiresAt } of this.#readTokens()) {
      this.#tokenExpiry.set({ profile }, expiresAt.getTime() / 1000);
    }
    if (cluster === undefined) return;
    this.#namespaces.set(cluster.managedNamespaces);
    this.#showSecrets(cluster.secrets);
    this.#troubles.show(cluster);
    for (const [profile, isFailing] of cluster.failingByProfile) {
      this.#failing.set({ profile }, isFailing ? 1 : 0);
    }
    this.#removalsPending.set(cluster.removalsPending);
    this.#brake.set(cluster.isRemovalBrakeEngaged ? 1 : 0);
  }

  #clear(): void {
    for (const gauge of [this.#namespaces, this.#removalsPending, this.#brake]) gauge.remove();
    for (const gauge of [this.#secrets, this.#entries, this.#earliestExpiry]) gauge.reset();
    for (const gauge of [this.#tokenExpiry, this.#failing, this.#expiring]) gauge.reset();
    this.#troubles.clear();
  }

  #showSecrets({ byState, byProfile, expiring }: SecretCounts): void {
    for (const [state, count] of byState) this.#secrets.set({ state }, count);
    for (const [limitS, count] of expiring) {
      this.#expiring.set({ le: limitS === Infinity ? '+Inf' : String(limitS) }, count);
    }
    for (const [profile, { earliestExpiry, byState: entries }] of byProfile) {
      this.#earliestExpiry.set({ profile }, earliestExpiry.getTime() / 1000);
      for (const [state, count] of entries) this.#entries.set({ profile, state }, count);
    }
  }
}

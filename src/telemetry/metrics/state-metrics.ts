/** Gauges of the cluster's state, computed at scrape. What is unknown has no series, because a zero would be wrong. */
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../base/clock.ts';
import {
  type ClusterState,
  type EntryState,
  type CachedTokenState,
  SECRET_STATES,
  type SecretState,
} from '../../domain/state/cluster-state.ts';
import { seriesIn } from './metric-names.ts';

const EXPIRING_WITHIN_S = [0, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12].map((hours) => hours * 3600);

export class StateMetrics {
  readonly #clock: Clock;
  readonly #namespaces: Gauge;
  readonly #secrets: Gauge<'state'>;
  readonly #entries: Gauge<'profile' | 'state'>;
  readonly #earliestExpiry: Gauge<'profile'>;
  readonly #expiring: Gauge<'le'>;
  readonly #tokenExpiry: Gauge<'profile'>;
  readonly #failing: Gauge<'profile'>;
  readonly #stalled: Gauge<'reason'>;
  readonly #removalsPending: Gauge;
  readonly #brake: Gauge;
  #readCluster: () => ClusterState | undefined = () => undefined;
  #readTokens: () => Iterable<CachedTokenState> = () => [];

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock;
    const about = seriesIn(registry);
    this.#namespaces = new Gauge(about('managed_namespaces', 'Namespaces that have opted in.'));
    this.#secrets = new Gauge({
      ...about('managed_secrets', 'Our Secrets, by the worst state among their entries.'),
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
    this.#stalled = new Gauge({
      ...about('namespaces_stalled', 'Namespaces with a Warning, by the reason of the Event.'),
      labelNames: ['reason'],
    });
    this.#removalsPending = new Gauge(
      about(
        'removals_pending',
        'Secrets that are due to be deleted, or to lose a profile, within ten minutes.',
      ),
    );
    this.#brake = new Gauge(
      about('removal_brake_engaged', '1 while too many pending removals stop every removal.'),
    );
  }

  /** `readCluster` is called once per scrape; it returns `undefined` while the caches are not complete. */
  collectFrom(readCluster: () => ClusterState | undefined): void {
    this.#readCluster = readCluster;
  }

  collectTokensFrom(readTokens: () => Iterable<CachedTokenState>): void {
    this.#readTokens = readTokens;
  }

  refresh(): void {
    this.#clear();
    for (const { profile, expiresAt } of this.#readTokens()) {
      this.#tokenExpiry.set({ profile }, expiresAt.getTime() / 1000);
    }
    const cluster = this.#readCluster();
    if (cluster === undefined) return;
    this.#namespaces.set(cluster.managedNamespaces);
    this.#showSecrets(cluster.secrets);
    this.#showEntries(cluster.entries);
    for (const [reason, count] of cluster.stalledNamespaces) this.#stalled.set({ reason }, count);
    for (const [profile, isFailing] of cluster.failingByProfile) {
      this.#failing.set({ profile }, isFailing ? 1 : 0);
    }
    this.#removalsPending.set(cluster.removalsPending);
    this.#brake.set(cluster.isRemovalBrakeEngaged ? 1 : 0);
  }

  #clear(): void {
    for (const gauge of [this.#namespaces, this.#removalsPending, this.#brake]) gauge.remove();
    for (const gauge of [this.#secrets, this.#entries, this.#earliestExpiry]) gauge.reset();
    for (const gauge of [this.#tokenExpiry, this.#failing, this.#stalled]) gauge.reset();
    this.#expiring.reset();
  }

  #showSecrets(secrets: Iterable<SecretState>): void {
    for (const state of SECRET_STATES) this.#secrets.set({ state }, 0);
    for (const state of secrets) this.#secrets.inc({ state });
  }

  /** Sums up first, because the registry is slow with tens of thousands of entries. */
  #showEntries(entries: Iterable<EntryState>): void {
    const nowMs = this.#clock.now().getTime();
    const remainingS: number[] = [];
    const profiles = new Map<string, { earliestMs: number; counts: Map<SecretState, number> }>();
    for (const { profile, state, expiresAt } of entries) {
      const expiresMs = expiresAt.getTime();
      const sum = profiles.get(profile) ?? {
        earliestMs: Infinity,
        counts: new Map(SECRET_STATES.map((known) => [known, 0])),
      };
      sum.earliestMs = Math.min(sum.earliestMs, expiresMs);
      sum.counts.set(state, (sum.counts.get(state) ?? 0) + 1);
      profiles.set(profile, sum);
      remainingS.push((expiresMs - nowMs) / 1000);
    }
    this.#showExpiring(remainingS);
    for (const [profile, { earliestMs, counts }] of profiles) {
      this.#earliestExpiry.set({ profile }, earliestMs / 1000);
      for (const [state, count] of counts) this.#entries.set({ profile, state }, count);
    }
  }
  /** Cumulative, as the label `le` requires. */
  #showExpiring(remainingS: readonly number[]): void {
    const byTime = remainingS.toSorted((a, b) => a - b);
    let count = 0;
    for (const limitS of EXPIRING_WITHIN_S) {
      while (count < byTime.length && (byTime[count] ?? 0) <= limitS) count += 1;
      this.#expiring.set({ le: String(limitS) }, count);
    }
    this.#expiring.set({ le: '+Inf' }, byTime.length);
  }
}

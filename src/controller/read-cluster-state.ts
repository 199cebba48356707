/** Computes the state of the whole cluster from the caches, for the metrics, whenever they ask. */
import type {
  ClusterState,
  EntryState,
  CachedTokenState,
  SecretState,
} from '../domain/state/cluster-state.ts';
import { decideOptIn } from '../domain/eligibility/opt-in.ts';
import { isOursIn } from '../domain/eligibility/ownership.ts';
import { stateOfEntry, stateOfSecret } from '../domain/state/secret-state.ts';
import type { Profile, Settings } from '../domain/settings.ts';
import type { ReconcileContext } from './pass/reconcile-context.ts';

/** Replaces the name of a profile that is not configured: no profile can have this name. */
const ABSENT_PROFILE = '(absent)';

type Sources = Pick<
  ReconcileContext,
  'cluster' | 'settings' | 'clock' | 'brake' | 'troubles' | 'tokens'
>;

export function readClusterState(sources: Sources): ClusterState {
  const { cluster, clock, brake, troubles } = sources;
  const settings = sources.settings();
  const now = clock.now();
  const secrets: SecretState[] = [];
  const entries: EntryState[] = [];
  for (const { namespace, pullSecret } of cluster.pullSecrets()) {
    if (namespace.terminating || !isOursIn(namespace, pullSecret, settings)) continue;
    const entriesOfSecret = (pullSecret.tokens ?? []).map((token) => ({
      // The name comes from an annotation, where tenants could write a thousand of them: each would be a time series.
      profile: settings.profiles.has(token.profile) ? token.profile : ABSENT_PROFILE,
      state: stateOfEntry(token, namespace, settings.refresh, now),
      expiresAt: token.expiresAt,
    }));
    const states = entriesOfSecret.map(({ state }) => state);
    secrets.push(stateOfSecret(pullSecret, states, troubles.isStalled(namespace.name)));
    entries.push(...entriesOfSecret);
  }
  const brakeState = brake.assess(settings, now);
  return {
    managedNamespaces: countOptedIn(sources),
    secrets,
    entries,
    failingByProfile: readFailing(sources),
    stalledNamespaces: troubles.countByReason(),
    removalsPending: brakeState.pending,
    isRemovalBrakeEngaged: brakeState.engaged,
  };
}

export function readCachedTokens({
  settings,
  tokens,
}: Pick<Sources, 'settings' | 'tokens'>): readonly CachedTokenState[] {
  const cached: CachedTokenState[] = [];
  for (const { name: profile, logins } of healthyProfiles(settings())) {
    const live = logins.flatMap(({ identity }) => tokens.cached(identity) ?? []);
    cached.push(...live.map(({ expiresAt }) => ({ profile, expiresAt })));
  }
  return cached;
}

function readFailing({ settings, tokens }: Sources): ReadonlyMap<string, boolean> {
  const failing = new Map<string, boolean>();
  for (const { name, logins } of healthyProfiles(settings())) {
    const known = logins.flatMap(({ identity }) => tokens.isFailing(identity) ?? []);
    if (known.length > 0) failing.set(name, known.includes(true));
  }
  return failing;
}

function healthyProfiles({ profiles }: Settings): readonly Profile[] {
  return [...profiles.values()].flatMap((state) =>
    state.kind === 'healthy' ? [state.profile] : [],
  );
}

function countOptedIn({ cluster, settings }: Sources): number {
  let count = 0;
  for (const namespace of cluster.namespaces()) {
    if (!namespace.terminating && decideOptIn(namespace, settings()).kind === 'in') count += 1;
  }
  return count;
}

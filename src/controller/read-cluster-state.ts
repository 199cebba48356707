/** Computes the state of the whole cluster from the caches, for the metrics, whenever they ask. */
import type { ClusterState, CachedTokenState, EntryState } from '../domain/state/cluster-state.ts';
import { decideOptIn, type OptIn } from '../domain/eligibility/opt-in.ts';
import { listProfiles } from '../domain/eligibility/eligibility.ts';
import { isOurs } from '../domain/eligibility/ownership.ts';
import { trustedRecords } from '../domain/state/trusted-records.ts';
import type { CachedNamespace, CachedPullSecret } from '../domain/state/observed.ts';
import { SecretTally } from '../domain/state/secret-tally.ts';
import { stateOfEntry, stateOfSecret } from '../domain/state/secret-state.ts';
import type { Profile, Settings } from '../domain/settings.ts';
import type { ReconcileContext } from './pass/reconcile-context.ts';

/**
 * Replaces the name of a profile that is not configured; no profile can have this name. Otherwise each name that somebody
 * once configured would be a time series.
 */
const ABSENT_PROFILE = '(absent)';

type Sources = Pick<
  ReconcileContext,
  'cluster' | 'settings' | 'clock' | 'slices' | 'brake' | 'troubles' | 'tokens' | 'jitterOf'
>;

/** Goes over all namespaces in slices, so what it returns is not of one moment. */
export async function readClusterState(sources: Sources): Promise<ClusterState> {
  const { cluster, clock, slices, brake, troubles, jitterOf } = sources;
  const settings = sources.settings();
  const now = clock.now();
  const secrets = new SecretTally(now);
  let managedNamespaces = 0;
  await slices.forEach(cluster.namespaces(), (namespace) => {
    if (namespace.terminating) return;
    const optIn = decideOptIn(namespace, settings);
    if (optIn.kind === 'in') managedNamespaces += 1;
    const pullSecret = cluster.pullSecretIn(namespace.name);
    if (pullSecret === undefined) {
      if (shouldHaveSecret(namespace, optIn, settings)) secrets.add('missing');
    } else if (isOurs(pullSecret, optIn)) {
      const entries = entriesOf(pullSecret, { settings, now, jitter: jitterOf(namespace) });
      const states = entries.map(({ state }) => state);
      secrets.add(stateOfSecret(states, troubles.isStalled(namespace.name)), entries);
    } else if (optIn.kind === 'in') {
      secrets.add('blocked');
    }
  });
  const brakeState = brake.assess(settings, now);
  return {
    managedNamespaces,
    secrets,
    failingByProfile: readFailing(sources),
    stalledNamespaces: troubles.countByReason(),
    namespaceTroubles: troubles.shown(),
    removalsPending: brakeState.pending,
    isRemovalBrakeEngaged: brakeState.engaged,
  };
}

/** Only what our Apply entry vouches for counts: whoever may write Secrets can put anything into the annotations. */
function entriesOf(
  pullSecret: CachedPullSecret,
  {
    settings: { profiles, refresh },
    now,
    jitter,
  }: { readonly settings: Settings; readonly now: Date; readonly jitter: number },
): readonly EntryState[] {
  return trustedRecords(pullSecret).map((record) => ({
    profile: profiles.has(record.profile) ? record.profile : ABSENT_PROFILE,
    state: stateOfEntry(record, jitter, refresh, now),
    expiresAt: record.expiresAt,
  }));
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

/** Whether it has asked for one and may use a profile: that it may use none is for its own people to fix. */
function shouldHaveSecret(namespace: CachedNamespace, optIn: OptIn, settings: Settings): boolean {
  if (optIn.kind !== 'in') return false;
  const listed = listProfiles(optIn.request.profiles, namespace, settings);
  return listed.some(({ kind }) => kind === 'eligible');
}

/** The first stage of a plan: what the namespace asks for, read once. */
import { type ListedProfile, listProfiles } from '../eligibility/eligibility.ts';
import { decideOptIn } from '../eligibility/opt-in.ts';
import type { Settings } from '../settings.ts';
import type { NamespaceRequest, ServiceAccountList } from '../state/annotations.ts';
import type { CachedNamespace, CachedPullSecret } from '../state/observed.ts';

export type Request = OptedIn | OptedOut | Frozen | { readonly kind: 'excluded' };

interface OptedIn {
  readonly kind: 'in';
  /** The profiles on the namespace's list, in its order. */
  readonly listedProfiles: readonly ListedProfile[];
  readonly serviceAccounts: ServiceAccountList;
  readonly refreshRequestedAt: string | undefined;
}

interface OptedOut {
  readonly kind: 'out';
  /** The profiles that keep its Secret fresh until the removal. */
  readonly listedProfiles: readonly ListedProfile[];
}

interface Frozen {
  readonly kind: 'frozen';
  /** The profiles that its Secret has entries of. */
  readonly listedProfiles: readonly ListedProfile[];
  readonly faults: readonly string[];
  readonly isEnabledUnknown: boolean;
}

export function readRequest(
  namespace: CachedNamespace,
  pullSecret: CachedPullSecret | undefined,
  settings: Settings,
): Request {
  const optIn = decideOptIn(namespace, settings);
  const list = (names: readonly string[]) => listProfiles(names, namespace, settings);
  switch (optIn.kind) {
    case 'in': {
      const { profiles, serviceAccounts, refreshRequestedAt } = optIn.request;
      return {
        kind: 'in',
        listedProfiles: list(profiles),
        serviceAccounts,
        refreshRequestedAt,
      };
    }
    case 'out':
      return { kind: 'out', listedProfiles: list(profilesOfLeaving(optIn.request, pullSecret)) };
    case 'frozen':
      return {
        kind: 'frozen',
        listedProfiles: list(profilesIn(pullSecret)),
        faults: optIn.faults,
        isEnabledUnknown: optIn.isEnabledUnknown,
      };
    case 'excluded':
      return optIn;
  }
}

/** The profiles in the Secret's records, each once. */
export function profilesIn(pullSecret: CachedPullSecret | undefined): readonly string[] {
  return [...new Set((pullSecret?.tokens ?? []).map(({ profile }) => profile))];
}

/** Those that the Secret has: a user who removes all annotations must not get the default profile for the grace period. */
function profilesOfLeaving(
  { profiles }: NamespaceRequest,
  pullSecret: CachedPullSecret | undefined,
): readonly string[] {
  if (pullSecret === undefined) return [];
  const present = profilesIn(pullSecret);
  if (present.length === 0) return profiles;
  return [...new Set([...profiles.filter((name) => present.includes(name)), ...present])];
}

/** The one place that decides whether a namespace may use a profile. Every doubt means no. */
import { matchesNamespace, readsLabels } from './namespace-matcher.ts';
import type { CachedNamespace } from '../state/observed.ts';
import { judgeHostCount } from '../state/secret-size.ts';
import type { Profile, Settings } from '../settings.ts';

/** Whether a namespace may use one profile, taken alone. */
export type Eligibility =
  | { readonly kind: 'eligible'; readonly profile: Profile }
  /** The configuration has no profile of this name. */
  | { readonly kind: 'absent'; readonly name: string }
  /** The configuration has this profile, but with a fault in it. */
  | { readonly kind: 'faulty'; readonly name: string }
  | { readonly kind: 'denied'; readonly name: string };

/** The same for one profile among those that share a Secret. */
export type ListedProfile =
  | Eligibility
  /** The eligible profile `first`, listed before it, has the same registry. */
  | {
      readonly kind: 'conflicting';
      readonly name: string;
      readonly first: string;
      readonly host: string;
    }
  /** With it the Secret would have this many registries, which is too many. */
  | { readonly kind: 'tooLarge'; readonly name: string; readonly hosts: number };

type Candidate = Pick<CachedNamespace, 'name' | 'labels' | 'tooLarge'>;

export function eligibilityOf(
  name: string,
  namespace: Candidate,
  settings: Pick<Settings, 'profiles'>,
): Eligibility {
  const state = settings.profiles.get(name);
  if (state === undefined) return { kind: 'absent', name };
  if (state.kind === 'faulty') return { kind: 'faulty', name };
  return isAllowed(state.profile, namespace)
    ? { kind: 'eligible', profile: state.profile }
    : { kind: 'denied', name };
}

/** In the order of `names`. A profile that conflicts with those before it is not used at all, not even in part. */
export function listProfiles(
  names: readonly string[],
  namespace: Candidate,
  settings: Pick<Settings, 'profiles'>,
): readonly ListedProfile[] {
  const ownerByHost = new Map<string, string>();
  let count = 0;
  return names.map((name): ListedProfile => {
    const eligibility = eligibilityOf(name, namespace, settings);
    if (eligibility.kind !== 'eligible') return eligibility;
    const hosts = hostsOf(eligibility.profile);
    const host = hosts.find((each) => ownerByHost.has(each));
    const first = host === undefined ? undefined : ownerByHost.get(host);
    if (host !== undefined && first !== undefined) {
      return { kind: 'conflicting', name, first, host };
    }
    if (judgeHostCount(count + hosts.length) === 'tooLarge') {
      return { kind: 'tooLarge', name, hosts: count + hosts.length };
    }
    count += hosts.length;
    for (const each of hosts) ownerByHost.set(each, name);
    return eligibility;
  });
}

export function eligibleProfiles(listedProfiles: readonly ListedProfile[]): readonly Profile[] {
  return listedProfiles.flatMap((listed) => (listed.kind === 'eligible' ? [listed.profile] : []));
}

export function nameOf(listed: ListedProfile): string {
  return listed.kind === 'eligible' ? listed.profile.name : listed.name;
}

/** With `own`, the host is unknown until AWS answers. Only the implied profile uses it, and that one is always alone. */
function hostsOf({ logins }: Profile): readonly string[] {
  return logins.flatMap(({ hosts }) => (hosts === 'own' ? [] : hosts));
}

function isAllowed(profile: Profile, namespace: Candidate): boolean {
  if (profile.allowedNamespaces === undefined) return true;
  if (namespace.tooLarge === true && readsLabels(profile.allowedNamespaces)) return false;
  try {
    return matchesNamespace(profile.allowedNamespaces, namespace);
  } catch {
    return false;
  }
}

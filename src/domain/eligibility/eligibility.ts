/** The one place that decides whether a namespace may use a profile. Every doubt means no. */
import { matchesNamespace } from './namespace-matcher.ts';
import type { CachedNamespace } from '../state/observed.ts';
import { judgeHostCount } from '../state/secret-size.ts';
import type { Profile, Settings } from '../settings.ts';

/** Of one profile by itself. */
export type Eligibility =
  | { readonly kind: 'eligible'; readonly profile: Profile }
  /** The configuration has no profile of this name. */
  | { readonly kind: 'absent'; readonly name: string }
  /** It has one, with a fault in it. */
  | { readonly kind: 'faulty'; readonly name: string }
  | { readonly kind: 'denied'; readonly name: string };

/** Of one profile among those that share a Secret. */
export type ListedProfile =
  | Eligibility
  /** The usable profile `first`, named before it, lists the same registry. */
  | {
      readonly kind: 'conflicting';
      readonly name: string;
      readonly first: string;
      readonly host: string;
    }
  /** With it the Secret would have this many registries, which is too much. */
  | { readonly kind: 'tooLarge'; readonly name: string; readonly hosts: number };

type Candidate = Pick<CachedNamespace, 'name' | 'labels'>;

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

/** In the order of `wanted`. A profile that can't stand beside those before it is not used at all, not even in part. */
export function listProfiles(
  wanted: readonly string[],
  namespace: Candidate,
  settings: Pick<Settings, 'profiles'>,
): readonly ListedProfile[] {
  const ownerByHost = new Map<string, string>();
  let count = 0;
  return wanted.map((name): ListedProfile => {
    const access = eligibilityOf(name, namespace, settings);
    if (access.kind !== 'eligible') return access;
    const hosts = hostsOf(access.profile);
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
    return access;
  });
}

export function eligibleProfiles(listedProfiles: readonly ListedProfile[]): readonly Profile[] {
  return listedProfiles.flatMap((access) => (access.kind === 'eligible' ? [access.profile] : []));
}

export function nameOf(access: ListedProfile): string {
  return access.kind === 'eligible' ? access.profile.name : access.name;
}

/** The answer's own registry is not known before there is one; only the implied profile, which is alone, has it. */
function hostsOf({ logins }: Profile): readonly string[] {
  return logins.flatMap(({ hosts }) => (hosts === 'own' ? [] : hosts));
}

function isAllowed(profile: Profile, namespace: Candidate): boolean {
  if (profile.allowedNamespaces === undefined) return true;
  try {
    return matchesNamespace(profile.allowedNamespaces, namespace);
  } catch {
    return false;
  }
}

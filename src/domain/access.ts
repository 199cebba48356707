/** The one place that decides whether a namespace may use a profile. Every doubt means no. */
import { matchesNamespace } from './namespace-matcher.ts';
import type { NamespaceRecord } from './observed.ts';
import type { Profile, Settings } from './settings.ts';

export type Access =
  | { readonly kind: 'granted'; readonly profile: Profile }
  /** The configuration has no profile of this name. */
  | { readonly kind: 'absent'; readonly name: string }
  /** It has one, with a fault in it. */
  | { readonly kind: 'faulty'; readonly name: string }
  | { readonly kind: 'denied'; readonly name: string };

export function accessTo(
  name: string,
  namespace: Pick<NamespaceRecord, 'name' | 'labels'>,
  settings: Pick<Settings, 'profiles'>,
): Access {
  const state = settings.profiles.get(name);
  if (state === undefined) return { kind: 'absent', name };
  if (state.kind === 'faulty') return { kind: 'faulty', name };
  return isAllowed(state.profile, namespace)
    ? { kind: 'granted', profile: state.profile }
    : { kind: 'denied', name };
}

function isAllowed(profile: Profile, namespace: Pick<NamespaceRecord, 'name' | 'labels'>): boolean {
  if (profile.allowedNamespaces === undefined) return true;
  try {
    return matchesNamespace(profile.allowedNamespaces, namespace);
  } catch {
    return false;
  }
}

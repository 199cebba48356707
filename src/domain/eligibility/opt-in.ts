/** Whether a namespace is opted in, by the precedence of the contract. */
import { type NamespaceRequest, parseNamespaceAnnotations } from './annotations.ts';
import { matchesName, matchesNamespace } from './namespace-matcher.ts';
import type { CachedNamespace } from '../state/observed.ts';
import type { Settings } from '../settings.ts';

export type OptIn =
  | { readonly kind: 'in'; readonly request: NamespaceRequest }
  /** `request` is what it would ask for: its Secret, while there still is one, is refreshed with it. */
  | { readonly kind: 'out'; readonly request: NamespaceRequest }
  /** The administrator wants nothing of ours there: no token is written any more. */
  | { readonly kind: 'excluded' }
  /** An annotation can't be read: nothing is added or removed until it can. */
  | { readonly kind: 'frozen'; readonly faults: readonly string[] };

/** `exclude` beats all; then faults freeze; then the namespace's own word; then the administrator's selector. */
export function decideOptIn(
  namespace: CachedNamespace,
  settings: Pick<Settings, 'namespaces'>,
): OptIn {
  const parsed = parseNamespaceAnnotations(namespace.annotations);
  if (matchesName(settings.namespaces.exclude, namespace.name)) {
    return { kind: 'excluded' };
  }
  if (parsed.kind === 'invalid') return { kind: 'frozen', faults: parsed.faults };
  const request = parsed.value;
  const isIn = request.enabled ?? isSelected(namespace, settings);
  return { kind: isIn ? 'in' : 'out', request };
}

function isSelected(namespace: CachedNamespace, settings: Pick<Settings, 'namespaces'>): boolean {
  const { selector } = settings.namespaces;
  return selector !== undefined && matchesNamespace(selector, namespace);
}

/** Decides whether a namespace is opted in, in the precedence of the contract. */
import { matchesName, matchesNamespace } from './namespace-matcher.ts';
import type { NamespaceRequest } from '../state/annotations.ts';
import type { CachedNamespace } from '../state/observed.ts';
import type { Settings } from '../settings.ts';

export type OptIn =
  | { readonly kind: 'in'; readonly request: NamespaceRequest }
  /** `request`: what it would ask for. Its Secret is refreshed with it for as long as there is one. */
  | { readonly kind: 'out'; readonly request: NamespaceRequest }
  /** The administrator excludes the namespace: no token is written any more. */
  | { readonly kind: 'excluded' }
  /** An annotation is invalid, or the namespace too large to be read: nothing is added or removed until it is fixed. */
  | {
      readonly kind: 'frozen';
      readonly faults: readonly string[];
      /** Whether `enabled` is one of the invalid ones. */
      readonly isEnabledUnknown: boolean;
    };

/** In this order: `exclude`, a fault in an annotation, the namespace's `enabled`, the administrator's selector. */
export function decideOptIn(
  namespace: CachedNamespace,
  settings: Pick<Settings, 'namespaces'>,
): OptIn {
  if (matchesName(settings.namespaces.exclude, namespace.name)) return { kind: 'excluded' };
  if (namespace.request.kind === 'invalid') {
    const { faults, isEnabledUnknown } = namespace.request;
    return { kind: 'frozen', faults, isEnabledUnknown };
  }
  const request = namespace.request.value;
  const isIn = request.enabled ?? isSelected(namespace, settings);
  return { kind: isIn ? 'in' : 'out', request };
}

function isSelected(namespace: CachedNamespace, settings: Pick<Settings, 'namespaces'>): boolean {
  const { selector } = settings.namespaces;
  return selector !== undefined && matchesNamespace(selector, namespace);
}

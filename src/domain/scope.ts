/** Which part of a cluster an installation watches and has permissions in. */

export type Scope =
  /** Permissions come from a ClusterRole. */
  | { readonly kind: 'cluster' }
  /** Only these namespaces, with a Role in each. At least one, without duplicates. */
  | { readonly kind: 'namespaces'; readonly names: readonly string[] };

export const WHOLE_CLUSTER: Scope = { kind: 'cluster' };

/** `only` as in the configuration: empty for the whole cluster. */
export function scopeOf(only: readonly string[]): Scope {
  return only.length === 0 ? WHOLE_CLUSTER : { kind: 'namespaces', names: only };
}

/** Ignores the order of the names. */
export function isSameScope(a: Scope, b: Scope): boolean {
  return namesIn(a).join() === namesIn(b).join();
}

function namesIn(scope: Scope): readonly string[] {
  return scope.kind === 'cluster' ? [] : [...scope.names].sort();
}

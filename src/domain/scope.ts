/** Which part of a cluster an installation looks at and has rights in. */

export type Scope =
  /** By a ClusterRole. */
  | { readonly kind: 'cluster' }
  /** These namespaces and no other, by a Role in each; at least one, each once. */
  | { readonly kind: 'namespaces'; readonly names: readonly string[] };

export const WHOLE_CLUSTER: Scope = { kind: 'cluster' };

/** `only` as in the configuration: empty for the whole cluster. */
export function scopeOf(only: readonly string[]): Scope {
  return only.length === 0 ? WHOLE_CLUSTER : { kind: 'namespaces', names: only };
}

/** The order in which they are named means nothing. */
export function isSameScope(a: Scope, b: Scope): boolean {
  return namesIn(a).join() === namesIn(b).join();
}

function namesIn(scope: Scope): readonly string[] {
  return scope.kind === 'cluster' ? [] : [...scope.names].sort();
}

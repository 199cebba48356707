/** How the controller reads the caches, and how it is notified of changes. */
import type {
  CachedNamespace,
  ObservedNamespace,
  CachedPullSecret,
} from '../../domain/state/observed.ts';

/** The synced caches. What they return must not be modified. */
export interface ClusterView {
  /** `undefined` if no such namespace exists. */
  observe(namespace: string): ObservedNamespace | undefined;
  /** The Secret with our name in this namespace, whoever owns it. */
  pullSecretIn(namespace: string): CachedPullSecret | undefined;
  namespaces(): Iterable<CachedNamespace>;
  /** Every Secret with our name in the cluster, whoever owns it, with its namespace. */
  pullSecrets(): Iterable<{
    readonly namespace: CachedNamespace;
    readonly pullSecret: CachedPullSecret;
  }>;
}

/** A change in the caches. */
export interface Change {
  readonly resource: 'namespaces' | 'serviceaccounts' | 'secrets';
  readonly kind: 'added' | 'modified' | 'deleted';
  /** The changed namespace, or the one that the changed object is in. */
  readonly namespace: string;
}

/** Notifies of changes in the caches. */
export interface ChangeSource {
  /** Sets the only listener. It is called when the caches already have the change. */
  listen(notice: (change: Change) => void): void;
  /** Resolves when every cache holds its complete first list. Never rejects. */
  untilSynced(): Promise<void>;
}

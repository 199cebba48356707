/** What the controller sees of the cluster, and how it hears of a change. */
import type {
  CachedNamespace,
  ObservedNamespace,
  CachedPullSecret,
} from '../../domain/state/observed.ts';

/** The synced caches. Nothing of what they give may be changed. */
export interface ClusterView {
  /** `undefined` where no such namespace exists. */
  observe(namespace: string): ObservedNamespace | undefined;
  namespaces(): Iterable<CachedNamespace>;
  /** Every Secret of our name in the cluster, whosever it is, with its namespace. */
  pullSecrets(): Iterable<{
    readonly namespace: CachedNamespace;
    readonly pullSecret: CachedPullSecret;
  }>;
}

/** Something in the caches is not as it was. */
export interface Change {
  readonly resource: 'namespaces' | 'serviceaccounts' | 'secrets';
  readonly kind: 'added' | 'modified' | 'deleted';
  /** The namespace that it is or is in. */
  readonly namespace: string;
}

/** Tells what changes in the caches. */
export interface ChangeSource {
  /** Sets the one listener: it hears of a change when the caches have it already. */
  listen(notice: (change: Change) => void): void;
  /** Resolves when every cache holds a whole first list. Never rejects. */
  untilSynced(): Promise<void>;
}

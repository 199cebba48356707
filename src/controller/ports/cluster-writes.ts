/** What the controller changes in the cluster, and the reads that such a change needs. */
import type {
  CachedNamespace,
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../domain/state/observed.ts';
import type { PullSecretContent } from '../../domain/state/pull-secret.ts';
import type { Lane } from '../../base/lane.ts';
import type { SecretText } from '../../domain/secret-text.ts';

/** One attempt at a write, or at a read that a write needs. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Its class in the request budget. Default: `urgent`. */
  readonly lane?: Lane | undefined;
  /** The fence: called after every wait, right before the request is sent. If it throws, so does the write, and nothing is sent. */
  readonly confirm?: () => void;
}

/** Our Secrets. Each write resolves when the caches have the change, and throws a `ControllerError`. */
export interface PullSecrets {
  /**
   * Server-side apply of the whole Secret. `existing` is the one to update; without it, one is created. If one exists by
   * then, nothing is changed and a `TransientError` is thrown.
   */
  write(
    namespace: string,
    content: PullSecretContent,
    existing: CachedPullSecret | undefined,
    attempt: Attempt,
  ): Promise<void>;
  /**
   * The `auth` of each registry in our own Secret: the only read of a Secret's content. Empty if the answer does not prove
   * that the content is ours, or if it has none that we could have written. Throws a `TransientError` if the Secret has
   * changed since it was observed (the caches have the newer one by then).
   */
  readBack(existing: CachedPullSecret, attempt: Attempt): Promise<ReadonlyMap<string, SecretText>>;
  /** Merge patch with UID and resourceVersion as preconditions: bookkeeping that needs no token. */
  annotate(existing: CachedPullSecret, change: SecretChange, attempt: Attempt): Promise<void>;
  /** Deletes exactly this object (by UID); one that is already gone counts as deleted. */
  delete(existing: CachedPullSecret, attempt: Attempt): Promise<void>;
}

/** What is left out stays unchanged. */
export interface SecretChange {
  /** `null` clears it. */
  readonly removalDueAt?: string | null | undefined;
  readonly restoreLabels?: boolean;
  /** Data keys that somebody else has added. */
  readonly removeDataKeys?: readonly string[];
}

/** Writes to ServiceAccounts, which only ever change our own reference. */
export interface ServiceAccounts {
  /** Adds our reference at the end, or removes duplicates of it. Retries by itself when others write at the same time. */
  attach(account: CachedServiceAccount, attempt: Attempt): Promise<void>;
  /** Removes every reference to a Secret with our name. */
  detach(account: CachedServiceAccount, attempt: Attempt): Promise<void>;
}

/** The same writes as dry runs: the server answers as it would, and nothing is changed, cached or counted. */
export interface DryRuns {
  readonly pullSecrets: PullSecrets;
  readonly serviceAccounts: ServiceAccounts;
}

/** Reads that bypass the cache, before something that can't be undone. */
export interface Namespaces {
  /**
   * Reads the namespace from the server into the caches. Throws an `ObsoleteError` if it is gone or being deleted.
   */
  read(observed: CachedNamespace, attempt: Attempt): Promise<void>;
  /**
   * Reads the namespace from the server. Throws a `TransientError` if it has changed since it was observed (the caches have
   * the newer one by then), and an `ObsoleteError` if it is gone or being deleted.
   */
  confirmUnchanged(observed: ObservedNamespace, attempt: Attempt): Promise<void>;
}

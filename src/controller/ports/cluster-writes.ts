/** What the controller changes in the cluster, and the reads that such a change needs. */
import type {
  ObservedNamespace,
  CachedPullSecret,
  CachedServiceAccount,
} from '../../domain/state/observed.ts';
import type { PullSecretContent } from '../../domain/state/pull-secret.ts';
import type { SecretText } from '../../domain/secret-text.ts';

/** One try of a write. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** Called behind every wait, when the request is about to go out. What it throws is thrown, and nothing is sent. */
  readonly confirm?: () => void;
}

/** Our Secrets. Each write returns when the caches have the change; throws a `ControllerError`. */
export interface PullSecrets {
  /**
   * Server-side apply of the whole Secret. `existing` is the one to update; without it one is created, and if
   * one stands there by then, nothing is changed and a `TransientError` is thrown.
   */
  write(
    namespace: string,
    content: PullSecretContent,
    existing: CachedPullSecret | undefined,
    attempt: Attempt,
  ): Promise<void>;
  /**
   * The `auth` of each registry in the content of our own Secret: the one read of a content. Where the answer does not
   * prove the content to be ours, or has none that we could have written, there is nothing. Throws a `TransientError`
   * when the Secret is not as it was observed any more (the caches have the newer one by then).
   */
  readBack(
    existing: CachedPullSecret,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SecretText>>;
  /** Merge patch under UID and resourceVersion: bookkeeping that needs no token. */
  annotate(existing: CachedPullSecret, change: SecretChange, signal: AbortSignal): Promise<void>;
  /** Deletes exactly this object (UID); gone already counts as done. */
  delete(existing: CachedPullSecret, attempt: Attempt): Promise<void>;
}

/** What is left out stays as it is. */
export interface SecretChange {
  /** `null` clears it. */
  readonly removalDueAt?: string | null | undefined;
  readonly restoreLabels?: boolean;
  /** Data keys that somebody else has added. */
  readonly removeDataKeys?: readonly string[];
}

/** Writes to ServiceAccounts: only ever our own entry. */
export interface ServiceAccounts {
  /** Our entry stands there once: added at the end, or doubles taken out. Retries by itself when others write at the same time. */
  attach(account: CachedServiceAccount, attempt: Attempt): Promise<void>;
  /** Takes every entry of our name out. */
  detach(account: CachedServiceAccount, attempt: Attempt): Promise<void>;
}

/** A read past the cache, for what can't be undone. */
export interface Namespaces {
  /**
   * Reads the namespace from the server. Throws a `TransientError` when it is no longer the one that was observed (the
   * caches have the newer one by then), an `ObsoleteError` when it is gone or going.
   */
  confirmUnchanged(observed: ObservedNamespace, signal: AbortSignal): Promise<void>;
}

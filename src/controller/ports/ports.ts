/** What the controller needs of the world. Adapters implement these; tests and the simulator stand in for them. */
import type {
  NamespaceRecord,
  ObservedNamespace,
  PullSecretRecord,
  ServiceAccountRecord,
} from '../../domain/state/observed.ts';
import type { PullSecretContent } from '../../domain/state/pull-secret.ts';
import type { Identity } from '../../domain/identity.ts';
import type { RegistryToken } from '../../domain/token/registry-token.ts';
import type { SecretText } from '../../domain/secret-text.ts';

/** The synced caches. Nothing of what they give may be changed. */
export interface ClusterView {
  /** `undefined` where no such namespace exists. */
  observe(namespace: string): ObservedNamespace | undefined;
  namespaces(): Iterable<NamespaceRecord>;
  /** Every Secret of our name in the cluster, whosever it is, with its namespace. */
  pullSecrets(): Iterable<{
    readonly namespace: NamespaceRecord;
    readonly pullSecret: PullSecretRecord;
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

/** Asks AWS. One call per `mint`, no retries, bounded in time. */
export interface TokenMinter {
  /** Throws a `ControllerError` that names the cause, with its remedy. */
  mint(identity: Identity, signal: AbortSignal): Promise<RegistryToken>;
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
    existing: PullSecretRecord | undefined,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * The `auth` of each registry in the content of our own Secret: the one read of a content. Where the answer does not
   * prove the content to be ours, or has none that we could have written, there is nothing. Throws a `TransientError`
   * when the Secret is not as it was observed any more (the caches have the newer one by then).
   */
  readBack(
    existing: PullSecretRecord,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, SecretText>>;
  /** Merge patch under UID and resourceVersion: bookkeeping that needs no token. */
  annotate(existing: PullSecretRecord, change: SecretChange, signal: AbortSignal): Promise<void>;
  /** Deletes exactly this object (UID); gone already counts as done. */
  delete(existing: PullSecretRecord, signal: AbortSignal): Promise<void>;
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
  attach(account: ServiceAccountRecord, signal: AbortSignal): Promise<void>;
  /** Takes every entry of our name out. */
  detach(account: ServiceAccountRecord, signal: AbortSignal): Promise<void>;
}

/** A read past the cache, for what can't be undone. */
export interface Namespaces {
  /**
   * Reads the namespace from the server. Throws a `TransientError` when it is no longer the one that was observed (the
   * caches have the newer one by then), an `ObsoleteError` when it is gone or going.
   */
  confirmUnchanged(observed: ObservedNamespace, signal: AbortSignal): Promise<void>;
}

/** What people in a namespace are told. Never throws, never waits; repetitions are counted up, floods are dropped. */
export interface EventSink {
  emit(event: NamespaceEvent): void;
}

export interface NamespaceEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly namespace: string;
  readonly about:
    | { readonly kind: 'Namespace'; readonly uid: string }
    | { readonly kind: 'ServiceAccount' | 'Secret'; readonly name: string; readonly uid: string };
}

/** What is counted. */
export interface Measurements {
  tokenRequested(profile: string, result: string, durationMs: number): void;
  written(kind: 'Secret' | 'ServiceAccount', verb: string, result: string): void;
  conflicted(kind: 'Secret' | 'ServiceAccount'): void;
  ownershipRefused(reason: string): void;
  reconciled(outcome: string, durationMs: number): void;
  /** An Event was not sent: there were too many, or the API server refused it. */
  eventDropped(): void;
  /** From the first sight of an opted-in namespace without our Secret until it has it. */
  namespaceReady(durationMs: number): void;
}

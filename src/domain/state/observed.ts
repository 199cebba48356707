/** What the caches know of one namespace: the only input of the plan beside settings and time. */
import type { TokenRecord } from './token-record.ts';

export interface ObservedNamespace extends CachedNamespace {
  readonly serviceAccounts: readonly CachedServiceAccount[];
  /** The Secret of our name, whosever it is. */
  readonly pullSecret: CachedPullSecret | undefined;
}

export interface CachedNamespace {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only those of our contract. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly terminating: boolean;
}

export interface CachedServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The value of our `attach` annotation, unparsed. */
  readonly attach: string | undefined;
  /** As the server has it, order and strangers included. */
  readonly imagePullSecrets: readonly { readonly name?: string }[];
}

/** Made from metadata alone: a content is never listed or watched. */
export interface CachedPullSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Has our Apply entry, and so may be deleted by us. */
  readonly appliedByUs: boolean;
  /** Carries our label and instance: may be refreshed by us, if its type is right. */
  readonly labelledOurs: boolean;
  /** The instance that its labels name, where that is another. */
  readonly otherInstance?: string;
  /** Whether our labels have their right values. */
  readonly labelsWhole: boolean;
  /** What somebody else changed since our last apply; empty when the content is ours. */
  readonly tamperedWith: readonly string[];
  /** Data keys beside ours, which an apply would not take away. */
  readonly foreignDataKeys: readonly string[];
  /** Somebody has set the field `immutable`. */
  readonly immutableSet: boolean;
  /** The `tokens` annotation as it stands there; `undefined` when it is not there or not readable. */
  readonly tokens: readonly TokenRecord[] | undefined;
  /** Whether the `tokens` annotation is as we wrote it. */
  readonly tokensOurs: boolean;
  /** Whether the data is as we wrote it. */
  readonly dataOurs: boolean;
  readonly configHash: string | undefined;
  readonly refreshRequestedAt: string | undefined;
  /** As it stands there: an RFC 3339 time, or `<profile>=<time>` items. */
  readonly removalDueAt: string | undefined;
  readonly terminating: boolean;
}

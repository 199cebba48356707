/**
 * What the caches hold for one namespace: the main input of the plan. Tenants write these objects, so each record is
 * small whatever they contain. One that is too large to be read is `tooLarge`: it exists, and the rest of its record is
 * what was known before, or nothing. It is never created, changed, removed, or counted as gone.
 */
import type { Attach, ParsedRequest } from './annotations.ts';
import type { TokenRecord } from './token-record.ts';

export interface ObservedNamespace extends CachedNamespace {
  readonly serviceAccounts: readonly CachedServiceAccount[];
  /** The Secret with our name, whoever owns it. */
  readonly pullSecret: CachedPullSecret | undefined;
}

export interface CachedNamespace {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What its annotations ask for. */
  readonly request: ParsedRequest;
  readonly terminating: boolean;
  readonly tooLarge?: true;
}

export interface CachedServiceAccount {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly attach: Attach;
  /** How many of its `imagePullSecrets` have our name. */
  readonly references: number;
  /** As on the server: in its order, and with references that are not ours; `undefined` if it is too long to keep. */
  readonly imagePullSecrets: readonly { readonly name?: string }[] | undefined;
  readonly tooLarge?: true;
}

/** Built from metadata alone: the content of a Secret is never listed or watched. */
export interface CachedPullSecret {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Has our Apply entry, and so may be deleted by us. */
  readonly appliedByUs: boolean;
  /** Has the labels of our instance: may be refreshed by us, if its type is right. */
  readonly labelledOurs: boolean;
  /** The instance that its labels name, if that is not ours. */
  readonly otherInstance?: string;
  /** Whether our labels are complete and have the right values. */
  readonly labelsWhole: boolean;
  /** What somebody else changed since our last apply; empty when the content is ours. */
  readonly tamperedWith: readonly string[];
  /** Data keys other than ours, which an apply would not remove. */
  readonly foreignDataKeys: readonly string[];
  /** Somebody has set the field `immutable`. */
  readonly immutableSet: boolean;
  /** The parsed `tokens` annotation; `undefined` if it is missing or malformed. */
  readonly tokens: readonly TokenRecord[] | undefined;
  /** Whether the `tokens` annotation is as we wrote it. */
  readonly tokensOurs: boolean;
  /** Whether the data is as we wrote it. */
  readonly dataOurs: boolean;
  readonly configHash: string | undefined;
  readonly refreshRequestedAt: string | undefined;
  /** The raw annotation: an RFC 3339 time, or `<profile>=<time>` items. */
  readonly removalDueAt: string | undefined;
  readonly terminating: boolean;
  readonly tooLarge?: true;
}

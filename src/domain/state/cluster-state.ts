/** The state of the whole cluster, as the metrics show it. */

/**
 * The states of an entry, best first; a Secret has the state of its worst entry. `fresh`: not due yet. `due`: waits for
 * its refresh. `stale`: less than a quarter of its token's lifetime is left. `expired`: pulls fail. `blocked`: a person
 * must act first.
 */
export const SECRET_STATES = ['fresh', 'due', 'stale', 'expired', 'blocked'] as const;
export type SecretState = (typeof SECRET_STATES)[number];

/** Namespaces that are being deleted are left out. */
export interface ClusterState {
  /** How many namespaces are opted in. */
  readonly managedNamespaces: number;
  /** One item for each of our Secrets. */
  readonly secrets: Iterable<SecretState>;
  readonly entries: Iterable<EntryState>;
  /** Whether an identity of the profile gets no token although one is needed. Only profiles whose token was asked for. */
  readonly failingByProfile: ReadonlyMap<string, boolean>;
  /** How many namespaces are stalled, by reason; a namespace may count under several. */
  readonly stalledNamespaces: ReadonlyMap<string, number>;
  readonly removalsPending: number;
  readonly isRemovalBrakeEngaged: boolean;
}

export interface EntryState {
  readonly profile: string;
  readonly state: SecretState;
  readonly expiresAt: Date;
}

/** A token in the memory of this process. */
export interface CachedTokenState {
  readonly profile: string;
  readonly expiresAt: Date;
}

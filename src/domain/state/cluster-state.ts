/** What the metrics and the status page say of the cluster as a whole. */

/**
 * Of one entry of a Secret, best first; a Secret has that of its worst entry. `fresh`: not due yet. `due`: waits for its
 * refresh. `stale`: less than a quarter of its life is left. `expired`: pulls fail. `blocked`: a person must act first.
 */
export const SECRET_STATES = ['fresh', 'due', 'stale', 'expired', 'blocked'] as const;
export type SecretState = (typeof SECRET_STATES)[number];

/** Namespaces that are being deleted are left out. */
export interface ClusterState {
  /** Opted in. */
  readonly managedNamespaces: number;
  /** One item for each of our Secrets. */
  readonly secrets: Iterable<SecretState>;
  readonly entries: Iterable<EntryState>;
  /** Whether an identity of the profile gets no token, though somebody needs one. Only where a token was asked for. */
  readonly failingByProfile: ReadonlyMap<string, boolean>;
  /** Namespaces by the reason that keeps them back; one may count under several. */
  readonly stalledNamespaces: ReadonlyMap<string, number>;
  readonly removalsPending: number;
  readonly isRemovalBrakeEngaged: boolean;
}

export interface EntryState {
  readonly profile: string;
  readonly state: SecretState;
  readonly expiresAt: Date;
}

/** A token that this process holds. */
export interface CachedTokenState {
  readonly profile: string;
  readonly expiresAt: Date;
}

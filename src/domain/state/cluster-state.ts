/** The state of the whole cluster, as the metrics show it. */

/**
 * The states of an entry, best first. `fresh`: not due yet. `due`: waits for its refresh. `stale`: less than a quarter of
 * its token's lifetime is left. `expired`: pulls fail.
 */
export const ENTRY_STATES = ['fresh', 'due', 'stale', 'expired'] as const;
export type StateOfEntry = (typeof ENTRY_STATES)[number];

/**
 * The states of a Secret, best first: that of its worst entry, or `blocked`: a person must act first, or `missing`: there
 * is none.
 */
export const SECRET_STATES = [...ENTRY_STATES, 'blocked', 'missing'] as const;
export type SecretState = (typeof SECRET_STATES)[number];

/** Within how many seconds from now entries expire is counted for each of these. */
export const EXPIRING_WITHIN_S: readonly number[] = [
  ...[0, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12].map((hours) => hours * 3600),
  Infinity,
];

/** Namespaces that are being deleted are left out. */
export interface ClusterState {
  /** How many namespaces are opted in. */
  readonly managedNamespaces: number;
  readonly secrets: SecretCounts;
  /** Whether an identity of the profile gets no token although one is needed. Only profiles whose token was asked for. */
  readonly failingByProfile: ReadonlyMap<string, boolean>;
  /** How many namespaces are stalled, by reason; a namespace may count under several. */
  readonly stalledNamespaces: ReadonlyMap<string, number>;
  readonly namespaceTroubles: NamespaceTroubleCounts;
  readonly removalsPending: number;
  readonly isRemovalBrakeEngaged: boolean;
}

export interface NamespaceTrouble {
  readonly namespace: string;
  /** The Event's reason. */
  readonly reason: string;
}

export interface NamespaceTroubleCounts {
  /** A bounded number of them. */
  readonly shown: readonly NamespaceTrouble[];
  /** How many more there are. */
  readonly omitted: number;
}

export interface SecretCounts {
  /** How many namespaces have a Secret in each state. */
  readonly byState: ReadonlyMap<SecretState, number>;
  readonly byProfile: ReadonlyMap<string, ProfileCounts>;
  /** How many entries expire within each of `EXPIRING_WITHIN_S`. */
  readonly expiring: ReadonlyMap<number, number>;
}

export interface ProfileCounts {
  /** How many of its entries are in each state. */
  readonly byState: ReadonlyMap<StateOfEntry, number>;
  readonly earliestExpiry: Date;
}

export interface EntryState {
  readonly profile: string;
  readonly state: StateOfEntry;
  readonly expiresAt: Date;
}

/** A token in the memory of this process. */
export interface CachedTokenState {
  readonly profile: string;
  readonly expiresAt: Date;
}

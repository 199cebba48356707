/** Counts Secrets and their entries, one namespace after the other, for the metrics. */
import {
  ENTRY_STATES,
  EXPIRING_WITHIN_S,
  type EntryState,
  type ProfileCounts,
  SECRET_STATES,
  type SecretCounts,
  type SecretState,
  type StateOfEntry,
} from './cluster-state.ts';

interface ProfileTally extends ProfileCounts {
  readonly byState: Map<StateOfEntry, number>;
  earliestExpiry: Date;
}

export class SecretTally implements SecretCounts {
  readonly byState = newCounts<SecretState>(SECRET_STATES);
  readonly byProfile = new Map<string, ProfileTally>();
  readonly expiring = new Map(EXPIRING_WITHIN_S.map((limitS) => [limitS, 0]));
  readonly #now: Date;

  constructor(now: Date) {
    this.#now = now;
  }

  /** `state`: that of the namespace's Secret. */
  add(state: SecretState, entries: readonly EntryState[] = []): void {
    increase(this.byState, state);
    for (const entry of entries) this.#addEntry(entry);
  }

  #addEntry({ profile, state, expiresAt }: EntryState): void {
    const known = this.byProfile.get(profile);
    const tally = known ?? { byState: newCounts(ENTRY_STATES), earliestExpiry: expiresAt };
    if (known === undefined) this.byProfile.set(profile, tally);
    increase(tally.byState, state);
    if (expiresAt < tally.earliestExpiry) tally.earliestExpiry = expiresAt;
    const remainingS = (expiresAt.getTime() - this.#now.getTime()) / 1000;
    const limitsS = EXPIRING_WITHIN_S.filter((limitS) => remainingS <= limitS);
    for (const limitS of limitsS) increase(this.expiring, limitS);
  }
}

function newCounts<S extends string>(states: readonly S[]): Map<S, number> {
  return new Map(states.map((state) => [state, 0]));
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

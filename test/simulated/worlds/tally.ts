/** How often what the simulation is after has come about: a check of what never happens is no check. */

export interface Tally {
  /** Of tokens. */
  writes: number;
  /** That brought something new and carried something old. */
  partialWrites: number;
  /** Entries that were carried over. */
  carried: number;
  /** Gets of a content. */
  readBacks: number;
  /** Entries of withdrawn profiles that a write has left out. */
  withdrawals: number;
  /** Repairs in a war, each after a pause. */
  damped: number;
}

export function newTally(): Tally {
  return { writes: 0, partialWrites: 0, carried: 0, readBacks: 0, withdrawals: 0, damped: 0 };
}

export function addTo(sum: Tally, more: Tally): void {
  for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += more[key];
}

export function renderTally(tally: Tally): string {
  return `${tally.writes} writes of tokens, ${tally.partialWrites} of them in part, ${tally.carried} entries carried, ${tally.readBacks} contents read back, ${tally.withdrawals} entries withdrawn, ${tally.damped} repairs put off`;
}

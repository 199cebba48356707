/** How often the situations that the simulation looks for occurred: a check of what never happens is worthless. */

export interface Tally {
  /** Writes of tokens. */
  writes: number;
  /** Writes with something new and something carried over. */
  partialWrites: number;
  /** Entries that were carried over. */
  carried: number;
  /** GETs of a content. */
  readBacks: number;
  /** Entries of withdrawn profiles that a write left out. */
  withdrawals: number;
  /** Repairs against somebody who keeps undoing them, each after a pause. */
  damped: number;
  /** Healthy namespaces that were served, or repaired, beside bad neighbours. */
  newcomers: number;
  /** Namespaces that were held up for minutes, and whose reports were checked. */
  untold: number;
  /** Removals that the server was asked for while the brake was engaged. */
  dryRuns: number;
}

export function newTally(): Tally {
  return {
    writes: 0,
    partialWrites: 0,
    carried: 0,
    readBacks: 0,
    withdrawals: 0,
    damped: 0,
    newcomers: 0,
    untold: 0,
    dryRuns: 0,
  };
}

export function addTo(sum: Tally, more: Tally): void {
  for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += more[key];
}

export function renderTally(tally: Tally): string {
  return `${tally.writes} writes of tokens, ${tally.partialWrites} of them in part, ${tally.carried} entries carried, ${tally.readBacks} contents read back, ${tally.withdrawals} entries withdrawn, ${tally.damped} repairs put off, ${tally.newcomers} served beside bad neighbours, ${tally.untold} troubles told, ${tally.dryRuns} dry runs`;
}

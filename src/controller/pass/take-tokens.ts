/** Takes the tokens for a write, each on its own: a missing one does not hold up the others. */
import type { WaitingError } from '../../domain/errors.ts';
import { type EntryPlan, isRenewal, type Renewal } from '../../domain/plan/entry-plan.ts';
import type { TokenNeed } from '../../domain/token/token-need.ts';
import { type Entry, entryOf } from '../../domain/state/pull-secret.ts';
import { withoutToken } from '../tokens/mint-errors.ts';
import type { NoToken } from '../tokens/token-answer.ts';
import type { TokenStore } from '../tokens/token-store.ts';

export interface TakenTokens {
  readonly entries: readonly Entry[];
  /** One for each login whose token was asked for and is not available. */
  readonly failures: readonly WaitingError[];
  /** For at least one of them nothing has failed: its token is only a matter of time, and the write can wait for it. */
  readonly isWorthWaiting: boolean;
}

interface Without {
  readonly need: TokenNeed;
  readonly answer: NoToken;
}

/**
 * Asks first for the tokens that the write is for. If there are none and no entry is dropped, there is nothing to write, so
 * nothing is minted for entries that would only be renewed alongside. `onMinted` is called for each login that waits for
 * a mint, when that has ended.
 */
export function takeTokens(
  plan: readonly EntryPlan[],
  tokens: Pick<TokenStore, 'take'>,
  onMinted: () => void,
): TakenTokens {
  const entries: Entry[] = [];
  const without: Without[] = [];

  function take({ need }: Renewal): void {
    const answer = tokens.take(need);
    if (answer.kind === 'token') {
      entries.push(entryOf(need.profile, need.login.hosts, answer.token));
      return;
    }
    if (answer.kind === 'minting') void answer.settled.then(onMinted);
    without.push({ need, answer });
  }

  const renewals = plan.filter(isRenewal);
  const isAlongside = ({ reason }: Renewal): boolean => reason === 'alongside';
  // If no entry is more urgent than the others, all are.
  const isOneUrgent = !renewals.every(isAlongside);
  const canWait = (row: Renewal): boolean => isOneUrgent && isAlongside(row);
  for (const row of renewals.filter((each) => !canWait(each))) take(row);
  if (entries.length > 0 || plan.some(({ verdict }) => verdict === 'drop')) {
    for (const row of renewals.filter(canWait)) take(row);
  }
  return {
    entries,
    failures: without.map(({ need, answer }) => withoutToken(need, answer)),
    isWorthWaiting: without.some(({ answer }) => answer.failure === undefined),
  };
}

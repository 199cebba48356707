/** Takes the tokens for a write, each by itself: one that can't be had does not keep the others back. */
import type { WaitingError } from '../../domain/errors.ts';
import type { GrantNeed, WriteSecretStep } from '../../domain/plan/plan-model.ts';
import { type Entry, entryOf } from '../../domain/state/pull-secret.ts';
import { withoutToken } from '../tokens/mint-errors.ts';
import type { NoToken } from '../tokens/taken.ts';
import type { TokenStore } from '../tokens/token-store.ts';

export interface TakenTokens {
  readonly entries: readonly Entry[];
  /** One for each grant without a token that was asked for. */
  readonly failures: readonly WaitingError[];
  /** For one of them at least nothing has failed: a token is only a matter of time, and the write can wait for it. */
  readonly isWorthWaiting: boolean;
}

interface Without {
  readonly need: GrantNeed;
  readonly answer: NoToken;
}

/**
 * Asks for the urgent ones first: where none of them is to be had and nothing goes, there is nothing to write, and no
 * mint is made for the others. `onMinted` is called when a mint has ended that one of them needs, once for each.
 */
export function takeTokens(
  { grants, drops }: Pick<WriteSecretStep, 'grants' | 'drops'>,
  tokens: Pick<TokenStore, 'take'>,
  onMinted: () => void,
): TakenTokens {
  const entries: Entry[] = [];
  const without: Without[] = [];

  function take(need: GrantNeed): void {
    const answer = tokens.take(need);
    if (answer.kind === 'token') {
      entries.push(entryOf(need.profile, need.grant.hosts, answer.token));
      return;
    }
    if (answer.kind === 'minting') void answer.settled.then(onMinted);
    without.push({ need, answer });
  }

  for (const need of grants.filter(({ isUrgent }) => isUrgent)) take(need);
  if (drops || entries.length > 0) {
    for (const need of grants.filter(({ isUrgent }) => !isUrgent)) take(need);
  }
  return {
    entries,
    failures: without.map(({ need, answer }) => withoutToken(need, answer)),
    isWorthWaiting: without.some(({ answer }) => answer.failure === undefined),
  };
}

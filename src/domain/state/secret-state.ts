/** The state of one of our Secrets, for the metrics: that of its worst entry. */
import { ENTRY_STATES, type SecretState, type StateOfEntry } from './cluster-state.ts';
import type { CachedPullSecret } from './observed.ts';
import { trustedRecords } from './trusted-records.ts';
import { dueAt } from '../token/refresh-policy.ts';
import type { RefreshSettings } from '../settings.ts';
import type { TokenRecord } from './token-record.ts';

/** A token with less than this fraction of its lifetime left should have been replaced long ago. */
const STALE_BELOW = 0.25;

/** `jitter`: that of the namespace. */
export function stateOfEntry(
  token: TokenRecord,
  jitter: number,
  refresh: RefreshSettings,
  now: Date,
): StateOfEntry {
  const remainingMs = token.expiresAt.getTime() - now.getTime();
  const lifetimeMs = token.expiresAt.getTime() - token.mintedAt.getTime();
  if (remainingMs <= 0) return 'expired';
  if (remainingMs < STALE_BELOW * lifetimeMs) return 'stale';
  return dueAt(token, jitter, refresh) <= now ? 'due' : 'fresh';
}

/** Whether any entry has less than a quarter of its token's lifetime left, or none: its refresh can't wait for others. */
export function isNearEnd(pullSecret: CachedPullSecret, now: Date): boolean {
  return trustedRecords(pullSecret).some(({ mintedAt, expiresAt }) => {
    const lifetimeMs = expiresAt.getTime() - mintedAt.getTime();
    return expiresAt.getTime() - now.getTime() < STALE_BELOW * lifetimeMs;
  });
}

/** A Secret without a record that our Apply entry vouches for is blocked: nothing is known about it. */
export function stateOfSecret(
  entryStates: readonly StateOfEntry[],
  isStalled: boolean,
): SecretState {
  if (isStalled || entryStates.length === 0) return 'blocked';
  return entryStates.reduce((worst, state) => (rank(state) > rank(worst) ? state : worst), 'fresh');
}

function rank(state: StateOfEntry): number {
  return ENTRY_STATES.indexOf(state);
}

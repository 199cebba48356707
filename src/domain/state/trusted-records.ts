/** What a Secret's annotations say about its tokens, if it is as we wrote it. */
import type { CachedPullSecret } from './observed.ts';
import type { TokenRecord } from './token-record.ts';

/** The records, if our Apply entry vouches for them and for the data: only then is it known what may be kept. */
export function trustedRecords(existing: CachedPullSecret | undefined): readonly TokenRecord[] {
  if (existing === undefined) return [];
  const { appliedByUs, dataOurs, tokensOurs, tokens = [] } = existing;
  return appliedByUs && dataOurs && tokensOurs ? tokens : [];
}

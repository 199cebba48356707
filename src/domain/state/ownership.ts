/** Whose a Secret of our name is. */
import type { CachedPullSecret } from './observed.ts';

/** Ours to refresh; everything else of our name is foreign and never touched. */
export function isOurs(record: CachedPullSecret): boolean {
  return record.appliedByUs || record.labelledOurs;
}

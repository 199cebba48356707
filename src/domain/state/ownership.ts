/** Whose a Secret of our name is. */
import type { PullSecretRecord } from './observed.ts';

/** Ours to refresh; everything else of our name is foreign and never touched. */
export function isOurs(record: PullSecretRecord): boolean {
  return record.appliedByUs || record.labelledOurs;
}

/** Decides whether a Secret with our name is ours. */
import type { CachedPullSecret } from './observed.ts';

/** Whether we may refresh it. Any other Secret with our name is foreign and never touched. */
export function isOurs(pullSecret: CachedPullSecret): boolean {
  return pullSecret.appliedByUs || pullSecret.labelledOurs;
}

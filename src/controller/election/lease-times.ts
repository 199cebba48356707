/** client-go's times of leader election, and when to look after the lease again. */
import type { Random } from '../../base/clock.ts';

/** A leader that has not been heard of for so long is taken for dead. */
export const LEASE_MS = 15_000;
/** Counted from when the last renewal was sent: a leader stops 5 s before anybody else can begin. */
export const RENEW_DEADLINE_MS = 10_000;
export const RELEASE_LIMIT_MS = 2500;
/**
 * So long the mark on a lease that has vanished still counts. An uninstall deletes both the lease and whoever looks at it,
 * in any order: nobody is to begin anew in between. Longer than the grace period of a Pod.
 */
export const PAUSED_AFTER_VANISHING_MS = 60_000;
const RETRY_MS = 2000;
/** Jitter only shortens the retry: a released lease is to be taken within 3 s. */
const LEAST_RETRY_SHARE = 0.75;
const LEAST_WAIT_MS = 50;

interface Turn {
  /** Since the last turn began. */
  readonly elapsedMs: number;
  /** Until the lease of another process expires; 0 where nobody need be waited for. */
  readonly remainingMs: number;
  readonly random: Random;
}

/** 1.5 to 2 s after the last turn began, and just when a lease expires. A turn that took longer is followed at once. */
export function nextTurnInMs({ elapsedMs, remainingMs, random }: Turn): number {
  const shareOfRetry = LEAST_RETRY_SHARE + (1 - LEAST_RETRY_SHARE) * random();
  const retryInMs = RETRY_MS * shareOfRetry - elapsedMs;
  const expiryInMs = remainingMs > 0 ? remainingMs : Infinity;
  return Math.max(LEAST_WAIT_MS, Math.min(retryInMs, expiryInMs));
}

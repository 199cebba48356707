/** client-go's times of leader election, and when to try for the lease again. */
import type { Random } from '../../base/clock.ts';

/** A leader that has not renewed for this long is considered dead. */
export const LEASE_MS = 15_000;
/** Counted from when the last renewal was sent: a leader stops 5 s before anybody else can begin. */
export const RENEW_DEADLINE_MS = 10_000;
export const RELEASE_LIMIT_MS = 2500;
/**
 * How long the pause annotation of a lease that has vanished still counts. An uninstall deletes the lease and the replicas
 * in any order, and no replica may begin to lead in between. Longer than the grace period of a Pod.
 */
export const PAUSED_AFTER_VANISHING_MS = 60_000;
const RETRY_MS = 2000;
/** Jitter only shortens the retry: a released lease must be taken within 3 s. */
const LEAST_RETRY_SHARE = 0.75;
const LEAST_WAIT_MS = 50;

interface Attempt {
  /** Since the last attempt began. */
  readonly elapsedMs: number;
  /** Until the lease of another process expires; 0 if there is nobody to wait for. */
  readonly remainingMs: number;
  readonly random: Random;
}

/** 1.5 to 2 s after the last attempt began, but no later than a lease expires; almost at once after a longer attempt. */
export function nextAttemptInMs({ elapsedMs, remainingMs, random }: Attempt): number {
  const shareOfRetry = LEAST_RETRY_SHARE + (1 - LEAST_RETRY_SHARE) * random();
  const retryInMs = RETRY_MS * shareOfRetry - elapsedMs;
  const expiryInMs = remainingMs > 0 ? remainingMs : Infinity;
  return Math.max(LEAST_WAIT_MS, Math.min(retryInMs, expiryInMs));
}

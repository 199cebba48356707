/** How long to wait before the next attempt, after a number of failures in a row. */
import type { Random } from './clock.ts';

interface BackoffLimits {
  /** After the first failure. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** The part of the delay that is random, from 0 (none, the default) to 1 (full jitter). */
  readonly jitter?: number;
}

/**
 * The delay: `firstMs`, doubled with each failure after the first, up to `longestMs`, less the jitter. `failures` is 1 or
 * more.
 */
export function backoffMs(
  failures: number,
  { firstMs, longestMs, jitter = 0 }: BackoffLimits,
  random: Random = () => 1,
): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return ceilingMs * (1 - jitter + jitter * random());
}

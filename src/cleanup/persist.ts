/** Retries what failed for a reason that may pass by itself. */
import { backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { pause } from '../base/pause.ts';
import { TransientError } from '../domain/errors.ts';
import { ApiError } from '../kubernetes/transport/api-error.ts';

const BACKOFF = { firstMs: 500, longestMs: 10_000 };
/** Answers that stay the same until a person acts. */
const REFUSALS = [400, 401, 403, 404, 405, 422];

/** False for what only a person can fix: a missing permission, a policy that refuses. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ApiError) return !REFUSALS.includes(error.status);
  return error instanceof TransientError && error.code !== 'WRITE_REFUSED';
}

/** 0.5 s, doubling up to 10 s. */
export function waitMs(failures: number): number {
  return backoffMs(failures, BACKOFF);
}

/** Asks until it succeeds, is refused, or the signal aborts. */
export async function persist<T>(
  ask: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      signal.throwIfAborted();
      return await ask();
    } catch (error) {
      if (signal.aborted || !mayPass(error)) throw error;
    }
    await pause(clock, waitMs(failures), signal);
  }
}

/** Waits for a condition instead of a fixed time. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** Completes "waiting for …" in the error. */
  readonly what: string;
  readonly limitMs: number;
  /** Between two checks; default 50 ms. */
  readonly everyMs?: number;
}

/**
 * Calls `look` until the result is neither `undefined` nor `false`, and returns it. An exception counts as "not yet", and
 * so does a call that never ends; the last exception is the cause of the error thrown when the limit has passed.
 */
export async function eventually<T>(
  { what, limitMs, everyMs = 50 }: Patience,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const stop = new AbortController();
  const limit = delay(limitMs, undefined, { ref: false, signal: stop.signal }).then(
    () => 'over' as const,
    () => 'over' as const,
  );
  let cause: unknown = new Error('the first check has not ended');
  try {
    for (;;) {
      const seen = await Promise.race([limit, lookOnce(look)]);
      if (seen === 'over') break;
      if ('found' in seen) return seen.found;
      ({ cause } = seen);
      if ((await Promise.race([limit, delay(everyMs)])) === 'over') break;
    }
  } finally {
    stop.abort();
  }
  throw new Error(`waiting for ${what}: not within ${limitMs} ms`, { cause });
}

async function lookOnce<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<{ readonly found: T } | { readonly cause: unknown }> {
  try {
    const seen = await look();
    return seen !== undefined && seen !== false ? { found: seen } : { cause: undefined };
  } catch (error) {
    return { cause: error };
  }
}

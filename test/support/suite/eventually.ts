/** Waiting for a condition, never for a time. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** Completes "waiting for …" in the error. */
  readonly what: string;
  readonly limitMs: number;
  /** Between two looks; default 50 ms. */
  readonly everyMs?: number;
}

/**
 * Looks until the result is neither `undefined` nor `false`, and returns it. An exception counts as "not yet";
 * the last one is the cause of the error that tells that the limit has passed.
 */
export async function eventually<T>(
  patience: Patience,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + patience.limitMs;
  let cause: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      cause = undefined;
    } catch (err) {
      cause = err;
    }
    if (Date.now() >= end) {
      throw new Error(`waiting for ${patience.what}: not within ${patience.limitMs} ms`, { cause });
    }
    await delay(patience.everyMs ?? 50);
  }
}

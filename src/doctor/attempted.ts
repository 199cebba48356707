/** The result of a request: an answer, or why there is none. The doctor continues either way. */
import type { Clock } from '../base/clock.ts';
import { Deadline } from '../base/deadline.ts';

export type Attempted<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Never rejects. */
export async function attempt<T>(ask: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { kind: 'answered', value: await ask() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** The same, for at most `limitMs`. `ask` must end when its signal aborts. */
export async function attemptWithin<T>(
  limitMs: number,
  { clock, signal: parent }: { readonly clock: Clock; readonly signal: AbortSignal },
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<Attempted<T>> {
  const timeoutError = () => new Error('no response in time');
  const deadline = new Deadline(clock, { limitMs, parent, timeoutError });
  const attempted = await attempt(() => ask(deadline.signal));
  deadline.release();
  return attempted;
}

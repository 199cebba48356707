/** Renders once for all who ask at the same time: whoever reaches the port may ask as often as he likes. */
import type { Clock } from '../../base/clock.ts';

const SHARED_MS = 1000;

interface Rendering<T> {
  readonly startedAtMs: number;
  readonly result: Promise<T>;
  isDone: boolean;
}

/**
 * Calls `render` at most once a second, and never again before the last call has ended; everybody else gets that result,
 * or its error.
 */
export function sharedRendering<T>(
  clock: Pick<Clock, 'monotonicMs'>,
  render: () => Promise<T>,
): () => Promise<T> {
  let last: Rendering<T> | undefined;
  const begin = (startedAtMs: number): Rendering<T> => {
    const rendering = { startedAtMs, result: render(), isDone: false };
    const end = (): void => {
      rendering.isDone = true;
    };
    rendering.result.then(end, end);
    return rendering;
  };
  return () => {
    const nowMs = clock.monotonicMs();
    if (last === undefined || (last.isDone && nowMs - last.startedAtMs >= SHARED_MS)) {
      last = begin(nowMs);
    }
    return last.result;
  };
}

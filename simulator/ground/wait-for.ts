/** A wait on the simulator's clock that the client can abort. */
import type { Clock } from '../../src/base/clock.ts';

/** `Infinity` waits until the signal aborts. Rejects with the signal's reason. */
export function waitFor(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      cancel?.();
      reject(signal.reason as Error);
    };
    const cancel =
      delayMs === Infinity
        ? undefined
        : clock.after(delayMs, () => {
            signal.removeEventListener('abort', leave);
            resolve();
          });
    signal.addEventListener('abort', leave, { once: true });
  });
}

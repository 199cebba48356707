/** A wait that ends in time, by the clock that is given: the SDK's own deadlines go by the machine's. */
import type { Clock } from '../base/clock.ts';

/** Rejects with a `TimeoutError`, as the SDK names it, after `deadlineMs`. Does not stop what it waits for. */
export function withDeadline<T>(promise: Promise<T>, deadlineMs: number, clock: Clock): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => {
      reject(Object.assign(new Error('no answer in time'), { name: 'TimeoutError' }));
    });
    promise.then(resolve, reject).finally(cancel);
  });
}

/** The machine's own clock, for tests against real servers. */
import type { Clock } from '../../src/base/clock.ts';

export const realClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** The time of this machine. */
import type { Clock } from './clock.ts';

/** Above this, Node's timers overflow and would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(MAX_DELAY_MS, Math.max(0, delayMs)));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** The 15-second heartbeat, on which periodic checks and liveness depend. */
import type { Clock } from './clock.ts';

const TICK_MS = 15_000;
/** This many missed ticks can't be just a busy moment. */
const DEAD_AFTER_MS = 8 * TICK_MS;

export interface Ticks {
  /** Why the process must be considered dead; `undefined` while it is alive. */
  findFault(): string | undefined;
  stop(): void;
}

/** The next tick comes 15 s after `onTick` has finished. `onTick` must not throw. */
export function startTicks(clock: Clock, onTick: () => Promise<void>): Ticks {
  let lastAtMs = clock.monotonicMs();
  let isStopped = false;
  let cancel = clock.after(TICK_MS, tick);

  function tick(): void {
    lastAtMs = clock.monotonicMs();
    void onTick().finally(() => {
      if (!isStopped) cancel = clock.after(TICK_MS, tick);
    });
  }

  return {
    findFault() {
      const ageMs = clock.monotonicMs() - lastAtMs;
      return ageMs > DEAD_AFTER_MS
        ? `the last tick was ${Math.round(ageMs / 1000)} s ago`
        : undefined;
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

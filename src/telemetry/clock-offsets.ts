/** Logs when our clock and a server's disagree: tokens are judged by the times of both. Measured, never corrected. */
import type { Log } from '../base/log.ts';
import type { RequestMetrics } from './metrics/request-metrics.ts';

/** Not far above this, AWS refuses our requests, and we judge expiries wrongly. */
const WARN_ABOVE_MS = 60_000;
/** Lower than the limit above: dates are whole seconds and answers take time, so a single limit would flood the log. */
const RIGHT_BELOW_MS = 50_000;

type Source = 'kubernetes' | 'aws';

interface Dependencies {
  readonly log: Log;
  readonly metrics: Pick<RequestMetrics, 'clockSeen'>;
}

export class ClockOffsets {
  readonly #deps: Dependencies;
  readonly #off = new Set<Source>();

  constructor(deps: Dependencies) {
    this.#deps = deps;
  }

  /** `offsetMs`: how far the server's clock is ahead of ours. */
  seen(source: Source, offsetMs: number): void {
    this.#deps.metrics.clockSeen(source, offsetMs);
    const wasOff = this.#off.has(source);
    const isOff = Math.abs(offsetMs) > (wasOff ? RIGHT_BELOW_MS : WARN_ABOVE_MS);
    if (isOff === wasOff) return;
    const fields = { source, offsetSeconds: Math.round(offsetMs / 1000) };
    if (isOff) {
      this.#off.add(source);
      const fix = 'fix the time synchronisation of this node';
      this.#deps.log.error({ ...fields, fix }, 'clock is off');
    } else {
      this.#off.delete(source);
      this.#deps.log.info(fields, 'clock is right again');
    }
  }
}

import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { startLimits } from '../../../src/cleanup/limits.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

const TIMEOUT_MS = 60_000;
const interrupted = new Error('Ctrl-C');

function start(stop = new AbortController()) {
  const clock = new VirtualClock();
  const limits = startLimits(clock, { stop: stop.signal, timeoutMs: TIMEOUT_MS });
  return { clock, stop, limits };
}

describe('the limits of a cleanup', () => {
  it('end it at its timeout, and requests under way 5 s later', async () => {
    const { clock, limits } = start();

    await clock.advance(TIMEOUT_MS - 1);
    expect([limits.soon.aborted, limits.late.aborted]).toEqual([false, false]);
    await clock.advance(1);
    expect(limits.soon.reason).toMatchObject({ code: 'CLEANUP_TIMEOUT' });
    await clock.advance(4_999);
    expect(limits.late.aborted).toBe(false);
    await clock.advance(1);

    expect(limits.late.reason).toBe(limits.soon.reason);
  });

  it.each(['before', 'meanwhile'])('end it when a stop is requested %s', async (when) => {
    const early = new AbortController();
    if (when === 'before') early.abort(interrupted);
    const { clock, stop, limits } = start(early);

    stop.abort(interrupted);
    expect([limits.soon.reason, limits.late.aborted]).toEqual([interrupted, false]);
    await clock.advance(5_000);

    expect(limits.late.reason).toBe(interrupted);
  });

  it.each(['before', 'after'])(
    'leave nothing behind if they are released %s the stop',
    async (when) => {
      const { clock, stop, limits } = start();
      if (when === 'after') stop.abort(interrupted);

      limits.release();

      expect([clock.pending, getEventListeners(stop.signal, 'abort').length]).toEqual([0, 0]);
      stop.abort(interrupted);
      await clock.advance(5_000);
      expect(limits.late.aborted).toBe(false);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { persist } from '../../../src/cleanup/persist.ts';
import { StalledError, TransientError } from '../../../src/domain/errors.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

const passing = new TransientError('no answer', { code: 'API_UNREACHABLE' });

describe('persist', () => {
  it('asks again after half a second, then twice as long each time, up to ten seconds', async () => {
    const clock = new VirtualClock();
    const askedAtMs: number[] = [];
    const ask = () => {
      askedAtMs.push(clock.monotonicMs());
      return askedAtMs.length < 8 ? Promise.reject(passing) : Promise.resolve('done');
    };

    const answer = persist(ask, { clock, signal: new AbortController().signal });
    await clock.advance(60_000);

    expect(await answer).toBe('done');
    expect(askedAtMs).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 25_500, 35_500]);
  });

  it('gives up on what only a person can change', async () => {
    const stalled = new StalledError('no right', { code: 'API_FORBIDDEN' });
    const clock = new VirtualClock();
    const asking = persist(() => Promise.reject(stalled), {
      clock,
      signal: new AbortController().signal,
    });

    await expect(asking).rejects.toBe(stalled);
    expect(clock.pending).toBe(0);
  });

  it('ends with the signal, without waiting for the next attempt', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const asking = persist(() => Promise.reject(passing), { clock, signal: abort.signal });
    await clock.advance(100);

    abort.abort(new Error('Ctrl-C'));

    await expect(asking).rejects.toThrow('Ctrl-C');
    expect(clock.pending).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { startTicks } from '../../../src/base/ticks.ts';
import { VirtualClock, settle } from '../../../simulator/ground/virtual-clock.ts';

function open() {
  const clock = new VirtualClock();
  const state = { ticks: 0, finish: (): void => undefined, isSlow: false };
  const ticks = startTicks(clock, () => {
    state.ticks += 1;
    if (!state.isSlow) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.finish = resolve;
    return promise;
  });
  return { clock, state, ticks };
}

describe('startTicks', () => {
  it('ticks every 15 s, not at the start', async () => {
    const { clock, state } = open();
    await clock.advance(14_999);
    expect(state.ticks).toBe(0);
    await clock.advance(1);
    expect(state.ticks).toBe(1);
    await clock.advance(10 * 15_000);
    expect(state.ticks).toBe(11);
  });

  it('never runs two at once: the next comes 15 s after the end of a slow one', async () => {
    const { clock, state } = open();
    state.isSlow = true;
    await clock.advance(60_000);
    expect(state.ticks).toBe(1);
    state.finish();
    await clock.advance(15_000);
    expect(state.ticks).toBe(2);
  });

  it('is healthy while it ticks, and reports since when it does not', async () => {
    const { clock, state, ticks } = open();
    await clock.advance(10 * 60_000);
    expect(ticks.findFault()).toBeUndefined();
    state.isSlow = true;
    await clock.advance(15_000 + 120_000);
    expect(ticks.findFault()).toBeUndefined();
    await clock.advance(1000);
    expect(ticks.findFault()).toBe('the last tick was 121 s ago');
    state.isSlow = false;
    state.finish();
    await clock.advance(15_000);
    expect(ticks.findFault()).toBeUndefined();
  });

  it.each([8 * 3_600_000, -24 * 3_600_000])(
    'ignores the wall clock: a jump of %d ms changes nothing',
    async (jumpMs) => {
      const { clock, state, ticks } = open();
      clock.jump(jumpMs);
      expect(ticks.findFault()).toBeUndefined();

      state.isSlow = true;
      await clock.advance(15_000);
      clock.jump(jumpMs);
      await clock.advance(120_000);
      expect(ticks.findFault()).toBeUndefined();
      await clock.advance(1000);
      expect(ticks.findFault()).toBe('the last tick was 121 s ago');
    },
  );

  it('stops between two ticks and within one', async () => {
    const between = open();
    between.ticks.stop();
    expect(between.clock.pending).toBe(0);

    const within = open();
    within.state.isSlow = true;
    await within.clock.advance(15_000);
    within.ticks.stop();
    within.state.finish();
    await settle();
    expect(within.clock.pending).toBe(0);
    expect(within.state.ticks).toBe(1);
  });
});

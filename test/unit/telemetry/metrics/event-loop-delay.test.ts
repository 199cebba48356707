import { describe, expect, it } from '@jest/globals';
import { EventLoopDelay } from '../../../../src/telemetry/metrics/event-loop-delay.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';

/** Intervals of a timer of 20 ms. */
function open() {
  const clock = new VirtualClock();
  const intervals = {
    max: 0,
    reset() {
      this.max = 0;
    },
    see(ms: number) {
      this.max = Math.max(this.max, ms * 1e6);
    },
  };
  return { clock, intervals, delay: new EventLoopDelay(clock, intervals) };
}

describe('EventLoopDelay', () => {
  it('is what the timer waited beyond its time', () => {
    const { intervals, delay } = open();
    expect(delay.longestMs).toBe(0);
    intervals.see(20.5);
    intervals.see(320);

    expect(delay.longestMs).toBe(300);
    expect(delay.longestMs).toBe(300);
  });

  it('is the longest of the last minute, whatever came since', async () => {
    const { clock, intervals, delay } = open();
    await clock.advance(5000);
    intervals.see(520);
    for (let second = 1; second <= 60; second += 1) {
      await clock.advance(1000);
      intervals.see(21);
      expect(delay.longestMs).toBe(500);
    }
    await clock.advance(15_000);

    expect(delay.longestMs).toBeCloseTo(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { WatchBackoff } from '../../../../src/kubernetes/watch/watch-backoff.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';

const almostOne = (): number => 0.999_999;

describe('WatchBackoff', () => {
  it('doubles from 0.8 s to 30 s', () => {
    const backoff = new WatchBackoff(new VirtualClock(), almostOne);

    const delays = Array.from({ length: 8 }, () => Math.round(backoff.next()));

    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('may wait almost no time: full jitter', () => {
    expect(new WatchBackoff(new VirtualClock(), () => 0).next()).toBe(50);
  });

  it('waits as long as the server asks', () => {
    expect(new WatchBackoff(new VirtualClock(), () => 0).next(7000)).toBe(7000);
  });

  it('starts again after two minutes without a failure', async () => {
    const clock = new VirtualClock();
    const backoff = new WatchBackoff(clock, almostOne);
    for (let n = 0; n < 5; n++) backoff.next();

    await clock.advance(12_800 + 119_000);
    expect(Math.round(backoff.next())).toBe(25_600);
    await clock.advance(25_600 + 120_000);

    expect(Math.round(backoff.next())).toBe(800);
  });

  it.each([3_600_000, -3_600_000])('ignores a wall clock that jumps by %d ms', (jumpMs) => {
    const clock = new VirtualClock();
    const backoff = new WatchBackoff(clock, almostOne);
    for (let n = 0; n < 5; n++) backoff.next();

    clock.jump(jumpMs);

    expect(Math.round(backoff.next())).toBe(25_600);
  });
});

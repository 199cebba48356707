import { beforeEach, describe, expect, it } from '@jest/globals';
import { EPOCH_MS, VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { RandomStream } from '../../../simulated/worlds/random-stream.ts';
import { ProcessClock } from '../../../support/ports/process-clock.ts';

describe('VirtualClock', () => {
  let clock: VirtualClock;
  let story: string[];
  beforeEach(() => {
    clock = new VirtualClock();
    story = [];
  });
  const record = (what: string) => () => story.push(`${clock.monotonicMs()} ${what}`);
  const stepThrough = async () => {
    while (await clock.step(1000)) story.push('|');
  };

  it('runs timers in the order of time, one per step', async () => {
    for (const ms of [30, 10, 20]) clock.after(ms, record('event'));
    await stepThrough();
    expect(story).toEqual(['10 event', '|', '20 event', '|', '30 event', '|']);
    expect(clock.monotonicMs()).toBe(1000);
  });

  it('runs timers for the same time in the order they were set, even a thousand, and those set by a timer', async () => {
    const expected = Array.from({ length: 1000 }, (_, n) => `${n % 7} ${Math.floor(n / 7)}`);
    for (const name of expected) clock.after(Number(name[0]), () => story.push(name));
    clock.after(6, () => clock.after(-1, () => story.push('last')));
    await clock.advance(6);
    expect(story).toEqual([...expected.toSorted((a, b) => Number(a[0]) - Number(b[0])), 'last']);
  });

  it('lets a seed decide between timers for the same time', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      clock = new VirtualClock({ tie: new RandomStream(seed).next, turns: 1 });
      story = [];
      for (const name of ['a', 'b']) clock.after(10, record(name));
      await stepThrough();
      orders.add(story.join(' '));
    }
    expect(orders.size).toBe(2);
  });

  it('ends a step only when every promise that can settle has settled', async () => {
    clock = new VirtualClock({ turns: 1 });
    clock.after(10, () => {
      void (async () => {
        for (let n = 0; n < 50; n += 1) await Promise.resolve();
        story.push('settled');
      })();
    });
    await stepThrough();
    expect(story).toEqual(['settled', '|']);
  });

  it('runs nothing that was cancelled or is past the end, and counts pending timers', async () => {
    const cancel = clock.after(10, record('cancelled'));
    const cancelLate = clock.after(20, record('in time'));
    clock.after(1001, record('late'));
    expect(clock.pending).toBe(3);
    cancel();
    cancel();
    await stepThrough();
    cancelLate();
    expect(story).toEqual(['20 in time', '|']);
    expect(clock.pending).toBe(1);
  });

  it('drops the timers of a dead process', async () => {
    const process = new ProcessClock(clock);
    process.after(10, record('of the dead'));
    clock.after(20, record('of nobody'));
    process.isDead = true;
    await stepThrough();
    expect(story).toEqual(['20 of nobody', '|']);
    expect(clock.pending).toBe(0);
  });

  it('holds the timers of a paused process, in order, and forgets those cancelled meanwhile', async () => {
    const process = new ProcessClock(clock);
    process.after(10, record('first'));
    const cancel = process.after(15, record('cancelled'));
    process.after(20, record('second'));
    process.pause();
    await stepThrough();
    expect(story).toEqual([]);
    process.resume();
    cancel();
    await stepThrough();
    expect(story).toEqual(['1000 first', '|', '1000 second', '|']);
  });

  it('also runs timers that a timer sets while time passes', async () => {
    clock.after(10, () => void Promise.resolve().then(() => clock.after(10, record('second'))));
    await clock.advance(20);
    expect(story).toEqual(['20 second']);
  });

  it('moves no timer when its wall clock is set', async () => {
    clock.after(10, record('event'));
    clock.jump(-3_600_000);
    await clock.advance(10);
    expect(story).toEqual(['10 event']);
    expect(clock.now()).toEqual(new Date(EPOCH_MS - 3_600_000 + 10));
  });

  it('runs late what fell due while it stood still', async () => {
    clock.after(10, record('event'));
    clock.stall(500);
    expect(story).toEqual([]);
    await clock.advance(0);
    expect(story).toEqual(['500 event']);
  });

  it.each([NaN, Infinity])('refuses to let %d ms pass, which would never end', async (ms) => {
    clock.after(10, record('event'));
    await expect(clock.advance(ms)).rejects.toThrow(RangeError);
    expect(story).toEqual([]);
  });

  it('fails if a timer keeps setting itself again for the same time', async () => {
    const quick = new VirtualClock({ turns: 0 });
    const again = (): void => void quick.after(0, again);
    again();

    await expect(quick.advance(1)).rejects.toThrow(/timers were due at 2026-01-01T00:00:00.000Z/);
  });
});

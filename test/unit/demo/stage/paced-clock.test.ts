import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PacedClock } from '../../../../demo/stage/paced-clock.ts';
import { eventually } from '../../../support/suite/eventually.ts';

const START = new Date('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const noFrame = (): Promise<void> => Promise.resolve();

let clock: PacedClock;

beforeEach(() => {
  clock = new PacedClock({ start: START });
});

afterEach(() => clock.stop());

describe('PacedClock', () => {
  it('stands still before it is started', () => {
    expect(clock.now()).toEqual(START);
  });

  it('lets exactly the requested hours pass, as timers see it', async () => {
    const seen: Date[] = [];
    clock.after(5 * HOUR_MS, () => seen.push(clock.now()));
    clock.start();
    const before = clock.monotonicMs();

    await clock.pass(5 * HOUR_MS, 50, noFrame);

    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(5 * HOUR_MS);
    // In real time no more than a busy machine needs for a frame.
    expect(clock.monotonicMs() - before).toBeLessThan(5 * HOUR_MS + 10_000);
    expect(seen).toEqual([new Date(START.getTime() + 5 * HOUR_MS)]);
  });

  it('runs timers in the order of their times, including those that a timer sets', async () => {
    const order: string[] = [];
    clock.after(3_000, () => order.push('third'));
    clock.after(1_000, () => {
      order.push('first');
      clock.after(1_000, () => order.push('second'));
    });
    clock.after(3_000, () => order.push('fourth'));
    const cancel = clock.after(2_000, () => order.push('never'));
    cancel();
    clock.start();

    await clock.pass(10_000, 20, noFrame);

    expect(order).toEqual(['first', 'second', 'third', 'fourth']);
  });

  it('lets the work of a timer settle before the next one', async () => {
    const order: string[] = [];
    clock.after(1_000, () => {
      void Promise.resolve().then(() => setImmediate(() => order.push('begun by the first')));
    });
    clock.after(1_001, () => order.push('second'));
    clock.start();

    await clock.pass(10_000, 20, noFrame);

    expect(order).toEqual(['begun by the first', 'second']);
  });

  it('continues at the pace of real time afterwards', async () => {
    clock.start();
    await clock.pass(HOUR_MS, 20, noFrame);
    const before = clock.monotonicMs();
    const realStart = performance.now();

    await eventually({ what: 'time to pass', limitMs: 5_000, everyMs: 5 }, () => {
      return clock.monotonicMs() > before + 50;
    });

    expect(clock.monotonicMs() - before).toBeLessThan(performance.now() - realStart + 100);
  });

  it('has frames, so that a viewer can watch while time passes', async () => {
    let frames = 0;
    clock.start();

    await clock.pass(HOUR_MS, 100, async () => {
      frames += 1;
    });

    expect(frames).toBeGreaterThan(1);
  });

  it('rejects a wait for a time that no longer comes', async () => {
    const stopped = new PacedClock();
    await stopped.stop();

    await expect(stopped.pass(1_000, 10, () => Promise.resolve())).rejects.toThrow('is stopped');
  });
});

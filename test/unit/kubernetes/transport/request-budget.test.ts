import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RequestBudget } from '../../../../src/kubernetes/transport/request-budget.ts';
import { VirtualClock, settle } from '../../../../simulator/ground/virtual-clock.ts';

const never = new AbortController().signal;

function start(qps: number, burst: number) {
  const clock = new VirtualClock();
  const budget = new RequestBudget({ clock, qps, burst });
  const passedAtMs: number[] = [];
  const startMs = clock.now().getTime();
  const take = (count: number, signal?: AbortSignal): void => {
    for (let n = 0; n < count; n++) {
      // A signal for each: with thousands of listeners a signal is slow.
      budget.take(signal ?? new AbortController().signal).then(
        () => passedAtMs.push(clock.now().getTime() - startMs),
        () => undefined,
      );
    }
  };
  return { clock, budget, passedAtMs, take };
}

describe('RequestBudget', () => {
  it('lets a burst pass at once and the rest at the rate', async () => {
    const { clock, passedAtMs, take } = start(10, 3);

    take(6);
    await clock.advance(1000);

    expect(passedAtMs).toEqual([0, 0, 0, 100, 200, 300]);
  });

  it('never lets more pass than burst plus rate times time', async () => {
    const step = fc.record({ count: fc.nat(20), waitMs: fc.nat(700) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { clock, passedAtMs, take } = start(20, 5);

        for (const { count, waitMs } of steps) {
          take(count);
          await clock.advance(waitMs);
        }

        passedAtMs.forEach((endMs, last) => {
          passedAtMs.slice(0, last + 1).forEach((fromMs, first) => {
            expect(last - first + 1).toBeLessThanOrEqual(5 + ((endMs - fromMs) * 20) / 1000 + 1e-6);
          });
        });
      }),
      { numRuns: 30 },
    );
  });

  it('serves in the order of the requests', async () => {
    const { clock, budget } = start(10, 1);
    const order: number[] = [];

    for (const n of [1, 2, 3, 4]) void budget.take(never).then(() => order.push(n));
    await clock.advance(1000);

    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('serves the most urgent lane first, and starves none', async () => {
    const { clock, budget, take } = start(10, 1);
    const order: string[] = [];
    take(1);
    for (const lane of ['slow', 'routine', 'urgent'] as const) {
      for (let n = 0; n < 20; n += 1) void budget.take(never, lane).then(() => order.push(lane));
    }

    await clock.advance(1600);

    expect(order.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => 'urgent'));
    expect(order).toHaveLength(16);
    expect(order.filter((lane) => lane === 'slow')).toHaveLength(1);
    expect(order.filter((lane) => lane === 'routine')).toHaveLength(1);
  });

  it('lets those behind move up when a waiter gives up', async () => {
    const { clock, budget, passedAtMs, take } = start(10, 1);
    const impatient = new AbortController();

    take(1);
    const taken = budget.take(impatient.signal);
    take(1);
    impatient.abort(new Error('given up'));

    await expect(taken).rejects.toThrow('given up');
    await clock.advance(1000);
    expect(passedAtMs).toEqual([0, 100]);
  });

  it('refuses at once a caller that has already given up', async () => {
    const { budget } = start(10, 1);

    await expect(budget.take(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('halves its rate once for many simultaneous refusals, and recovers in 20 s', async () => {
    const { clock, budget, passedAtMs, take } = start(40, 1);
    const passedWithin = async (ms: number): Promise<number> => {
      const before = passedAtMs.length;
      await clock.advance(ms);
      return passedAtMs.length - before;
    };

    budget.slowDown();
    budget.slowDown();
    take(10_000);
    // It climbs from 20 to 40 in 10 s.
    expect(await passedWithin(1000)).toBe(20);
    await clock.advance(19_000);
    expect(await passedWithin(1000)).toBe(40);
  });

  it('never slows down to a halt', async () => {
    const { clock, budget, passedAtMs, take } = start(32, 10);

    take(1000);
    for (let n = 0; n < 50; n++) {
      budget.slowDown();
      await clock.advance(1000);
    }
    const before = passedAtMs.length;
    budget.slowDown();
    await clock.advance(1000);

    expect(passedAtMs.length - before).toBeGreaterThanOrEqual(2);
  });

  it('sends nothing while paused, and then continues by itself', async () => {
    const { clock, budget, passedAtMs, take } = start(10, 2);

    budget.pauseFor(3000);
    budget.pauseFor(1000);
    take(2);
    await clock.advance(2999);
    expect(passedAtMs).toEqual([]);
    await clock.advance(1);

    expect(passedAtMs).toEqual([3000, 3000]);
  });

  it.each([-3_600_000, 7_200_000])('ignores the wall clock: it is set by %i ms', async (byMs) => {
    const { clock, passedAtMs, take } = start(10, 2);

    take(10);
    clock.jump(byMs);
    await clock.advance(100);
    take(1);
    await settle();

    expect(passedAtMs).toHaveLength(3);
  });

  it('leaves no timer behind', async () => {
    const { clock, take } = start(10, 1);

    take(5);
    await clock.advance(2000);

    expect(clock.pending).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';
import { inOrder } from '../../../src/doctor/in-order.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('inOrder', () => {
  it('tells outcomes in the order of the things, whichever is there first', async () => {
    const clock = new FakeClock();
    const told: number[] = [];
    const work = (ms: number) =>
      new Promise<number>((resolve) => {
        clock.after(ms, () => resolve(ms));
      });
    const all = (async () => {
      for await (const outcome of inOrder([30, 10, 20], 3, work)) told.push(outcome);
    })();
    await clock.advance(25);
    expect(told).toEqual([]);
    await clock.advance(10);
    await all;
    expect(told).toEqual([30, 10, 20]);
  });

  it('has no more under way than it may, and nothing left out', async () => {
    const things = Array.from({ length: 20 }, (_, index) => index);
    let underWay = 0;
    let most = 0;
    const told: number[] = [];
    const work = async (thing: number): Promise<number> => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      underWay -= 1;
      return thing;
    };
    for await (const outcome of inOrder(things, 8, work)) told.push(outcome);
    expect(told).toEqual(things);
    expect(most).toBe(8);
  });

  it('ends at once where there is nothing', async () => {
    for await (const outcome of inOrder([], 8, (one) => Promise.resolve(one))) {
      expect(outcome).toBe('never');
    }
  });
});

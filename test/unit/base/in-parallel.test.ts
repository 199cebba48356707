import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { inOrder, inParallel } from '../../../src/base/in-parallel.ts';
import { VirtualClock, settle } from '../../../simulator/ground/virtual-clock.ts';

const failure = new Error('it failed');
const tooMany = Array.from({ length: 20 }, (_, index) => index);

/** Work that takes its time, and records how much of it ran at once. */
class Workshop {
  readonly clock = new VirtualClock();
  readonly begun: number[] = [];
  mostAtOnce = 0;
  #underWay = 0;

  get underWay(): number {
    return this.#underWay;
  }

  /** Takes `ms` and returns that; `failing` ones reject instead. */
  work(failing: readonly number[] = []): (ms: number) => Promise<number> {
    return (ms) => {
      this.begun.push(ms);
      this.#underWay += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
      return new Promise((resolve, reject) => {
        this.clock.after(ms, () => {
          this.#underWay -= 1;
          if (failing.includes(ms)) reject(failure);
          else resolve(ms);
        });
      });
    };
  }
}

describe('inParallel', () => {
  it('returns results in the order of the items, with never more under way than allowed', async () => {
    const durations = fc.array(fc.nat(50), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(durations, fc.integer({ min: 1, max: 10 }), async (items, atOnce) => {
        const shop = new Workshop();
        const all = inParallel(items, { atOnce }, shop.work());
        await shop.clock.advance(50 * items.length);

        expect(await all).toEqual(items);
        expect(shop.mostAtOnce).toBe(Math.min(atOnce, items.length));
      }),
    );
  });

  it('does not let a slow one hold back the ones after it', async () => {
    const shop = new Workshop();
    const all = inParallel([1_000, 1, 1, 1, 1, 1], { atOnce: 2 }, shop.work());

    await shop.clock.advance(10);
    expect([shop.begun.length, shop.underWay]).toEqual([6, 1]);

    await shop.clock.advance(990);
    expect(await all).toHaveLength(6);
  });

  it('starts nothing new after a failure, and rejects with the first when all have ended', async () => {
    const shop = new Workshop();
    let isOver = false;
    const all = inParallel([30, 10, 20, 40], { atOnce: 2 }, shop.work([10])).finally(() => {
      isOver = true;
    });
    all.catch(() => undefined);

    await shop.clock.advance(29);
    expect([shop.begun, isOver]).toEqual([[30, 10], false]);
    await shop.clock.advance(1);

    await expect(all).rejects.toBe(failure);
    expect([shop.begun, shop.underWay]).toEqual([[30, 10], 0]);
  });

  it('treats a synchronous throw as a failure', async () => {
    const throwing = inParallel([1], { atOnce: 2 }, () => {
      throw failure;
    });

    await expect(throwing).rejects.toBe(failure);
  });

  it('starts nothing new after an abort, and rejects with its reason when all have ended', async () => {
    const shop = new Workshop();
    const abort = new AbortController();
    const all = inParallel([10, 20, 30], { atOnce: 1, signal: abort.signal }, shop.work());
    all.catch(() => undefined);

    await shop.clock.advance(5);
    abort.abort(failure);
    await shop.clock.advance(5);

    await expect(all).rejects.toBe(failure);
    expect(shop.begun).toEqual([10]);
  });

  it('returns the results if the abort comes after the last has started', async () => {
    const shop = new Workshop();
    const abort = new AbortController();
    const all = inParallel([10, 20], { atOnce: 2, signal: abort.signal }, shop.work());

    abort.abort();
    await shop.clock.advance(20);

    expect(await all).toEqual([10, 20]);
  });

  it('starts nothing if the signal is already aborted', async () => {
    const shop = new Workshop();
    const signal = AbortSignal.abort(failure);

    await expect(inParallel([1], { atOnce: 1, signal }, shop.work())).rejects.toBe(failure);
    expect(shop.begun).toEqual([]);
  });
});

describe('inOrder', () => {
  /** What the reader has so far, and how it ended. */
  function read(outcomes: AsyncGenerator<number>): { yielded: number[]; end: Promise<unknown> } {
    const yielded: number[] = [];
    const end = (async () => {
      for await (const outcome of outcomes) yielded.push(outcome);
    })().catch((error: unknown) => error);
    return { yielded, end };
  }

  it('yields outcomes in the order of the items, whichever is ready first', async () => {
    const shop = new Workshop();
    const { yielded, end } = read(inOrder([30, 10, 40], { atOnce: 3 }, shop.work()));

    await shop.clock.advance(25);
    expect(yielded).toEqual([]);
    await shop.clock.advance(10);
    expect(yielded).toEqual([30, 10]);
    await shop.clock.advance(10);

    await end;
    expect(yielded).toEqual([30, 10, 40]);
  });

  it('has no more under way than allowed, and leaves nothing out', async () => {
    const shop = new Workshop();
    const { yielded, end } = read(inOrder(tooMany, { atOnce: 8 }, shop.work()));

    await shop.clock.advance(200);

    await end;
    expect([yielded, shop.mostAtOnce]).toEqual([tooMany, 8]);
  });

  it('ends at once if there is nothing to do', async () => {
    const { yielded, end } = read(inOrder([], { atOnce: 8 }, new Workshop().work()));

    await end;
    expect(yielded).toEqual([]);
  });

  it('yields what came before a failure, then throws it', async () => {
    const shop = new Workshop();
    const { yielded, end } = read(inOrder([10, 20, 30], { atOnce: 1 }, shop.work([20])));

    await shop.clock.advance(60);

    expect(await end).toBe(failure);
    expect([yielded, shop.begun]).toEqual([[10], [10, 20]]);
  });

  it('handles a failure that comes after the reader has left', async () => {
    const shop = new Workshop();
    const outcomes = inOrder([10, 20], { atOnce: 2 }, shop.work([20]));
    const first = outcomes.next();
    await shop.clock.advance(10);
    expect(await first).toEqual({ done: false, value: 10 });
    await outcomes.return(undefined);

    // An unhandled rejection would end the process.
    await shop.clock.advance(10);
    await settle();
  });
});

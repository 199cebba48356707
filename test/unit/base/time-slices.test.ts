import { describe, expect, it } from '@jest/globals';
import { TimeSlices } from '../../../src/base/time-slices.ts';

/** Work that takes 3 ms a piece by a clock that nothing else moves. */
function start() {
  let nowMs = 0;
  const slices = new TimeSlices({ monotonicMs: () => nowMs });
  const turns: string[][] = [[]];
  async function work(name: string, pieces: number): Promise<void> {
    for (let piece = 1; piece <= pieces; piece += 1) {
      await slices.run(() => {
        turns.at(-1)?.push(name);
        nowMs += 3;
      });
    }
  }
  /** Begins each turn in `turns` before the work can go on in it. */
  async function watchTurns(begin: () => Promise<unknown>): Promise<void> {
    const state = { isDone: false };
    while (!state.isDone) {
      const turn = new Promise((resolve) => setImmediate(resolve));
      if (turns.length === 1) void begin().then(() => (state.isDone = true));
      await turn;
      turns.push([]);
    }
  }
  const spend = (ms: number): void => {
    nowMs += ms;
  };
  return { slices, turns, work, spend, watchTurns };
}

describe('TimeSlices', () => {
  it('lets work go on until 10 ms are used up, then waits for another turn of the event loop', async () => {
    const { turns, work, watchTurns } = start();

    await watchTurns(() => work('a', 9));

    expect(turns.flat()).toHaveLength(9);
    expect(Math.max(...turns.map((pieces) => pieces.length))).toBe(4);
  });

  it('shares the 10 ms between all work', async () => {
    const { turns, work, watchTurns } = start();

    await watchTurns(() => Promise.all([work('a', 6), work('b', 6), work('c', 6)]));

    expect(turns.flat().sort().join('')).toBe('aaaaaabbbbbbcccccc');
    expect(Math.max(...turns.map((pieces) => pieces.length))).toBe(4);
  });

  it('lets a loop over many items go on for 5 ms in every turn, however much other work there is', async () => {
    const { slices, turns, work, spend, watchTurns } = start();
    const itemsInTurn = new Map<number, number>();
    await watchTurns(() =>
      Promise.all([
        work('a', 200),
        slices.forEach(Array.from({ length: 100 }), () => {
          spend(1);
          itemsInTurn.set(turns.length, (itemsInTurn.get(turns.length) ?? 0) + 1);
        }),
      ]),
    );

    expect(turns.length).toBeGreaterThan(50);
    expect([...itemsInTurn.values()]).toEqual(Array.from({ length: 20 }, () => 5));
  });
});

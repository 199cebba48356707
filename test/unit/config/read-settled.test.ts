import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { readSettled } from '../../../src/config/read-settled.ts';

/** Reads what stands in a file that changes with time: the last content whose time has come, an error if `undefined`. */
function start(contents: readonly (readonly [atMs: number, text: string | undefined])[]) {
  const clock = new VirtualClock();
  let reads = 0;
  const read = async (): Promise<string> => {
    reads += 1;
    const text = contents.findLast(([atMs]) => atMs <= clock.monotonicMs())?.[1];
    if (text === undefined) throw new Error('ENOENT');
    return text;
  };
  const settled = readSettled(read, clock).then(
    (text) => ({ text, reads, tookMs: clock.monotonicMs() }),
    (error: unknown) => ({ error: String(error), reads, tookMs: clock.monotonicMs() }),
  );
  return async () => {
    await clock.advance(10_000);
    return settled;
  };
}

describe('readSettled', () => {
  it('takes a tenth of a second for a file at rest', async () => {
    expect(await start([[0, 'whole']])()).toEqual({ text: 'whole', reads: 2, tookMs: 100 });
  });

  it('returns no part of a file that is being written', async () => {
    const written = start([
      [0, 'first'],
      [60, 'first half'],
      [150, 'first half, second'],
      [250, 'first half, second half'],
    ]);

    expect(await written()).toMatchObject({ text: 'first half, second half', tookMs: 400 });
  });

  it('waits for a file that is replaced, and rejects for one that stays away', async () => {
    const replaced = start([
      [0, undefined],
      [50, 'new'],
    ]);

    expect(await replaced()).toMatchObject({ text: 'new' });
    expect(await start([])()).toEqual({ error: 'Error: ENOENT', reads: 2, tookMs: 100 });
  });

  it('rejects after five seconds for a file that changes all the time', async () => {
    const changes = Array.from({ length: 100 }, (_, n) => [n * 100, `text ${n}`] as const);

    expect(await start(changes)()).toEqual({
      error: 'Error: it changes all the time',
      reads: 50,
      tookMs: 5000,
    });
  });
});

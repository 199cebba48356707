import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Narrator } from '../../../../demo/stage/narrator.ts';

function newNarrator() {
  const stream = new PassThrough();
  const printed = () => String(stream.read() ?? '');
  return { narrator: new Narrator({ stream: stream as unknown as NodeJS.WriteStream }), printed };
}

describe('Narrator', () => {
  it('counts kept and broken promises', async () => {
    const { narrator, printed } = newNarrator();

    await narrator.promise('it comes back', async () => 'after 9 ms');
    await narrator.promise('it stays', () => Promise.reject(new Error('it went')));

    expect([narrator.kept, narrator.broken]).toEqual([1, 1]);
    expect(printed()).toBe('   ✓ it comes back (after 9 ms)\n   ✗ it stays: it went\n');
  });

  it('aligns the columns of a table', () => {
    const { narrator, printed } = newNarrator();

    narrator.table([
      ['A', 'B'],
      ['longer', ''],
      ['x', 'y'],
    ]);

    expect(printed()).toBe('     A       B\n     longer\n     x       y\n');
  });
});

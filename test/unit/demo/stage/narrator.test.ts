import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Narrator } from '../../../../demo/stage/narrator.ts';

function newNarrator() {
  const stream = new PassThrough();
  const told = () => String(stream.read() ?? '');
  return { narrator: new Narrator({ stream: stream as unknown as NodeJS.WriteStream }), told };
}

describe('Narrator', () => {
  it('counts kept and broken promises', async () => {
    const { narrator, told } = newNarrator();

    await narrator.promise('it comes back', async () => 'after 9 ms');
    await narrator.promise('it stays', () => Promise.reject(new Error('it went')));

    expect([narrator.kept, narrator.broken]).toEqual([1, 1]);
    expect(told()).toBe('   ✓ it comes back (after 9 ms)\n   ✗ it stays: it went\n');
  });

  it('aligns the columns of a table', () => {
    const { narrator, told } = newNarrator();

    narrator.table([
      ['A', 'B'],
      ['longer', ''],
      ['x', 'y'],
    ]);

    expect(told()).toBe('     A       B\n     longer\n     x       y\n');
  });
});

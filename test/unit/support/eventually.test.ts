/** Waiting ends, and says what it waited for. */
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/suite/eventually.ts';

const PATIENCE = { what: 'the bus', limitMs: 30, everyMs: 1 };

describe('eventually', () => {
  it('returns the first value that is neither undefined nor false', async () => {
    const seen = [undefined, false, 0];

    expect(await eventually({ ...PATIENCE, limitMs: 10_000 }, () => seen.shift())).toBe(0);
  });

  it('names what it waited for, and the error of the last attempt', async () => {
    const cause = new Error('no road');

    await expect(eventually(PATIENCE, () => Promise.reject(cause))).rejects.toMatchObject({
      message: 'waiting for the bus: not within 30 ms',
      cause,
    });
  });

  it('does so too if an attempt never ends', async () => {
    const never = new Promise<undefined>(() => undefined);

    await expect(eventually(PATIENCE, () => never)).rejects.toThrow('waiting for the bus');
  });
});

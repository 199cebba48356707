/** Closes what a suite opened. After a failed set-up some parts may be missing; that failure must stay the visible one. */
import { afterAll, expect, it } from '@jest/globals';
import type { Rig } from '../cluster/rig.ts';

type Closable = { close(): unknown } | { stop(): unknown };

/**
 * Call it once per suite, outside of all tests. Closes in the given order, after `tidy`, which runs only if all of them
 * are open.
 */
export function closeAfterAll(
  opened: () => readonly (Closable | undefined)[],
  tidy: () => unknown = () => undefined,
): void {
  afterAll(async () => {
    const all = opened();
    if (!all.includes(undefined)) await tidy();
    for (const one of all) {
      if (one !== undefined) await ('close' in one ? one.close() : one.stop());
    }
  });
}

/** The last test of a suite or of a part of it. */
export function itLeavesNothing(rig: () => Rig): void {
  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig().violations()).toEqual([]);
  });
}

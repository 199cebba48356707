/** What a suite has opened ends with it. Where its set-up failed there may be nothing, and that failure is the one to see. */
import { afterAll, expect, it } from '@jest/globals';
import type { Rig } from '../cluster/rig.ts';

type Closable = { close(): unknown } | { stop(): unknown };

/**
 * To be called once for a suite, outside of every test. They are closed in this order, after `tidy`, which runs where
 * all of them are open.
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

/** The last test of a suite or a part of it. */
export function itLeavesNothing(rig: () => Rig): void {
  it('leaves no token anywhere else, and nothing that we were refused', async () => {
    expect(await rig().misdeeds()).toEqual([]);
  });
}

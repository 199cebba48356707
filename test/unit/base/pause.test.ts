import { describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { pause } from '../../../src/base/pause.ts';
import { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';

const DELAY_MS = 1_000;

/** A pause of one second, and what it leaves behind. */
function begin({ isAborted = false } = {}) {
  const clock = new VirtualClock();
  const abort = new AbortController();
  if (isAborted) abort.abort();
  let isOver = false;
  void pause(clock, DELAY_MS, abort.signal).then(() => {
    isOver = true;
  });
  return {
    clock,
    abort,
    isOver: () => isOver,
    leftBehind: () => [clock.pending, getEventListeners(abort.signal, 'abort').length],
  };
}

describe('pause', () => {
  it('lasts as long as it should', async () => {
    const { clock, isOver, leftBehind } = begin();

    await clock.advance(DELAY_MS - 1);
    expect(isOver()).toBe(false);
    await clock.advance(1);

    expect([isOver(), ...leftBehind()]).toEqual([true, 0, 0]);
  });

  it('ends quietly as soon as the signal is aborted', async () => {
    const { clock, abort, isOver, leftBehind } = begin();

    abort.abort(new Error('nobody needs it'));
    await clock.advance(0);

    expect([isOver(), ...leftBehind()]).toEqual([true, 0, 0]);
  });

  it('does not begin if the signal is already aborted', async () => {
    const { clock, isOver, leftBehind } = begin({ isAborted: true });

    expect(leftBehind()).toEqual([0, 0]);
    await clock.advance(0);

    expect(isOver()).toBe(true);
  });
});

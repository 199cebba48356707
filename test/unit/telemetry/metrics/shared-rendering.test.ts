import { describe, expect, it } from '@jest/globals';
import { sharedRendering } from '../../../../src/telemetry/metrics/shared-rendering.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';

function open() {
  const clock = new VirtualClock();
  const running: PromiseWithResolvers<string>[] = [];
  const render = sharedRendering(clock, () => {
    running.push(Promise.withResolvers());
    return running.at(-1)?.promise ?? Promise.reject(new Error('impossible'));
  });
  return { clock, running, render };
}

describe('sharedRendering', () => {
  it('renders once for a hundred who ask at once', async () => {
    const { running, render } = open();
    const all = Promise.all(Array.from({ length: 100 }, render));
    running[0]?.resolve('page');

    expect(new Set(await all)).toEqual(new Set(['page']));
    expect(running).toHaveLength(1);
  });

  it('renders again a second after the last time', async () => {
    const { clock, running, render } = open();
    const first = render();
    running[0]?.resolve('first');
    await first;
    await clock.advance(999);
    expect(await render()).toBe('first');
    await clock.advance(1);
    const second = render();
    running[1]?.resolve('second');

    expect(await second).toBe('second');
    expect(running).toHaveLength(2);
  });

  it('waits for a rendering that takes longer than a second', async () => {
    const { clock, running, render } = open();
    const first = render();
    await clock.advance(5000);
    const second = render();
    running[0]?.resolve('page');

    expect(await Promise.all([first, second])).toEqual(['page', 'page']);
    expect(running).toHaveLength(1);
  });

  it('tries again after a failure', async () => {
    const { clock, running, render } = open();
    const first = render();
    running[0]?.reject(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await clock.advance(1000);
    const second = render();
    running[1]?.resolve('page');

    expect(await second).toBe('page');
  });
});

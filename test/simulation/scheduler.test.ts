import { beforeEach, describe, expect, it } from '@jest/globals';
import { RandomStream } from './random-stream.ts';
import { type EventOwner, Scheduler } from './scheduler.ts';

class Owner implements EventOwner {
  isDead = false;
  isPaused = false;
  readonly held: (() => void)[] = [];

  hold(run: () => void): void {
    this.held.push(run);
  }
}

describe('Scheduler', () => {
  let scheduler: Scheduler;
  let story: string[];
  beforeEach(() => {
    scheduler = new Scheduler(new RandomStream(1));
    story = [];
  });
  const tell = (what: string) => () => story.push(`${scheduler.nowMs} ${what}`);
  const runAll = async () => {
    while (await scheduler.step(1000)) story.push('|');
  };

  it('runs events in the order of time, one a step', async () => {
    for (const ms of [30, 10, 20]) scheduler.after(ms, tell('event'));
    await runAll();
    expect(story).toEqual(['10 event', '|', '20 event', '|', '30 event', '|']);
    expect(scheduler.nowMs).toBe(1000);
  });

  it('lets the seed decide between events of one moment', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      scheduler = new Scheduler(new RandomStream(seed));
      story = [];
      for (const name of ['a', 'b']) scheduler.after(10, tell(name));
      await runAll();
      orders.add(story.join(' '));
    }
    expect(orders.size).toBe(2);
  });

  it('ends a step only when every promise that can has settled', async () => {
    scheduler.after(10, () => {
      void (async () => {
        for (let n = 0; n < 50; n += 1) await Promise.resolve();
        story.push('settled');
      })();
    });
    await runAll();
    expect(story).toEqual(['settled', '|']);
  });

  it('runs nothing of what was cancelled, nor of what is past the end', async () => {
    const cancel = scheduler.after(10, tell('cancelled'));
    scheduler.after(1001, tell('late'));
    cancel();
    await runAll();
    expect(story).toEqual([]);
  });

  it('drops the events of the dead', async () => {
    const owner = new Owner();
    scheduler.after(10, tell('of the dead'), owner);
    scheduler.after(20, tell('of nobody'));
    owner.isDead = true;
    await runAll();
    expect(story).toEqual(['20 of nobody', '|']);
  });

  it('holds the events of who is paused, in order', async () => {
    const owner = new Owner();
    owner.isPaused = true;
    for (const name of ['first', 'second']) {
      scheduler.after(name === 'first' ? 10 : 20, tell(name), owner);
    }
    await runAll();
    expect(story).toEqual([]);
    for (const run of owner.held) run();
    expect(story).toEqual(['1000 first', '1000 second']);
  });
});

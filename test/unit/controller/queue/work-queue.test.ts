import { beforeEach, describe, expect, it } from '@jest/globals';
import { WorkQueue } from '../../../../src/controller/queue/work-queue.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { UNOBSERVED } from '../../../support/ports/unobserved-queue.ts';

const HOUR_MS = 3_600_000;

let clock: VirtualClock;
let queue: WorkQueue;
let log: string[];

beforeEach(() => {
  clock = new VirtualClock();
  log = [];
  queue = new WorkQueue(clock, () => 1, {
    added: (key) => log.push(`added ${key}`),
    retried: () => log.push('retried'),
    taken: (key) => log.push(`taken ${key}`),
    done: (key) => log.push(`done ${key}`),
    dropped: (key) => log.push(`dropped ${key}`),
  });
});

/** How many keys wait for a worker, as the observer counts them. */
function ready(): number {
  const count = (what: string): number => log.filter((line) => line.startsWith(what)).length;
  return count('added') - count('taken') - count('dropped');
}

function inMs(delayMs: number): Date {
  return new Date(clock.now().getTime() + delayMs);
}

/** Takes and finishes keys until nothing is ready; returns them in that order. */
async function drain(): Promise<readonly string[]> {
  const keys: string[] = [];
  while (ready() > 0) {
    const work = await queue.take();
    if (work === undefined) break;
    keys.push(work.key);
    queue.done(work.key);
  }
  return keys;
}

/** A worker that is always available; its log of keys grows as they come. */
function work(): string[] {
  const keys: string[] = [];
  const next = async (): Promise<void> => {
    for (let got = await queue.take(); got !== undefined; got = await queue.take()) {
      keys.push(got.key);
      queue.done(got.key);
    }
  };
  void next();
  return keys;
}

describe('the work queue', () => {
  it('returns a key once, however often it was added', async () => {
    queue.add('a', 'repair');
    queue.add('a', 'repair');
    queue.add('a', 'sweep');

    expect(await drain()).toEqual(['a']);
  });

  it('lets a worker wait for the next key', async () => {
    const taking = queue.take();

    queue.add('a', 'new');

    expect(await taking).toEqual({ key: 'a', priority: 'new' });
  });

  it('returns a postponed key no more urgently than that, whatever it was added for meanwhile', async () => {
    queue.add('a', 'new');
    await queue.take();
    queue.add('a', 'repair');
    queue.postpone('a', 'rotation');
    queue.done('a');
    queue.add('b', 'crowd');

    expect(await queue.take()).toEqual({ key: 'b', priority: 'crowd' });
    expect(await queue.take()).toEqual({ key: 'a', priority: 'rotation' });
  });

  it('returns a key again that was added while a worker had it, with the highest priority', async () => {
    queue.add('a', 'sweep');
    await queue.take();
    queue.add('a', 'rotation');
    queue.add('a', 'new');
    queue.add('a', 'sweep');
    expect(ready()).toBe(0);

    queue.done('a');

    expect(await queue.take()).toEqual({ key: 'a', priority: 'new' });
    queue.done('a');
    expect(ready()).toBe(0);
  });

  it('returns urgent keys first, and equals in their order', async () => {
    for (const [key, priority] of [
      ['s', 'sweep'],
      ['r1', 'repair'],
      ['o', 'rotation'],
      ['n', 'new'],
      ['r2', 'repair'],
    ] as const) {
      queue.add(key, priority);
    }

    expect(await drain()).toEqual(['n', 'r1', 'r2', 'o', 's']);
  });

  it('moves a waiting key up, never down', async () => {
    queue.add('a', 'rotation');
    queue.add('b', 'sweep');
    queue.add('b', 'new');
    queue.add('b', 'sweep');

    expect(await queue.take()).toEqual({ key: 'b', priority: 'new' });
    expect(await queue.take()).toEqual({ key: 'a', priority: 'rotation' });
    expect(ready()).toBe(0);
  });

  it('starves no key under a flood', async () => {
    queue.add('old', 'sweep');
    const order: string[] = [];
    for (let n = 0; n < 40; n++) {
      queue.add(`flood-${n}-a`, 'new');
      queue.add(`flood-${n}-b`, 'new');
      const got = await queue.take();
      if (got === undefined) break;
      order.push(got.key);
      queue.done(got.key);
    }

    expect(order.indexOf('old')).toBeGreaterThan(0);
    expect(order.indexOf('old')).toBeLessThan(8);
  });

  it('gives a worker only keys of its lanes', async () => {
    const urgent = queue.take(['urgent']);
    const quick = queue.take(['urgent', 'routine']);
    queue.add('swept', 'sweep');
    expect(await quick).toEqual({ key: 'swept', priority: 'sweep' });

    queue.add('new', 'new');
    expect(await urgent).toEqual({ key: 'new', priority: 'new' });
  });

  it('lets those of a crowd wait behind one who comes alone, the newest first', async () => {
    for (let n = 1; n <= 12; n += 1) queue.add(`crowd-${n}`, 'new');
    queue.add('repaired', 'repair');
    for (let n = 1; n <= 2; n += 1) queue.done((await queue.take())?.key ?? '');
    queue.add('alone', 'new');

    const order = await drain();

    expect(order.indexOf('alone')).toBeLessThan(order.indexOf('repaired'));
    expect(order.indexOf('repaired')).toBeLessThan(order.indexOf('crowd-12'));
    expect(order.indexOf('crowd-12')).toBeLessThan(order.indexOf('crowd-9'));
  });

  describe('with slow keys', () => {
    it('lets them wait in their own lane until their work succeeds', async () => {
      queue.hung('a', 'HANGS');
      queue.add('a', 'new');
      expect(await queue.take()).toEqual({ key: 'a', priority: 'slow' });
      queue.succeeded('a');
      queue.done('a');

      queue.add('a', 'new');
      expect(await queue.take()).toEqual({ key: 'a', priority: 'new' });
    });

    it('takes one failure for an accident', async () => {
      queue.failed('a', 'CONFLICT');
      queue.add('a', 'new');
      expect((await queue.take())?.priority).toBe('new');
      queue.failed('a', 'CONFLICT');
      queue.done('a');

      queue.add('a', 'new');
      expect((await queue.take())?.priority).toBe('slow');
    });

    it('wakes the others of the same cause when one succeeds', async () => {
      for (const key of ['a', 'b']) queue.hung(key, 'HANGS');
      queue.hung('c', 'REFUSED');
      for (const key of ['b', 'c']) queue.addAt(key, inMs(HOUR_MS), 'rotation');
      expect(ready()).toBe(0);

      queue.succeeded('a');

      expect(await drain()).toEqual(['b']);
    });
  });

  it('repeats soon what began before its cause was over', async () => {
    for (const key of ['a', 'b']) queue.hung(key, 'SLOW');
    for (let n = 0; n < 9; n += 1) queue.retry('b', 'slow');
    await clock.advance(HOUR_MS);
    queue.add('a', 'repair');
    expect(new Set([(await queue.take())?.key, (await queue.take())?.key])).toEqual(
      new Set(['a', 'b']),
    );

    queue.succeeded('a');
    queue.hung('b', 'SLOW');
    const at = queue.retry('b', 'slow');

    expect(at.getTime() - clock.now().getTime()).toBeLessThanOrEqual(100);
  });

  it('finds a key more urgent than it was added for if the caller says so', async () => {
    queue = new WorkQueue(
      clock,
      () => 1,
      { ...UNOBSERVED },
      (key, priority) => (key === 'late' ? 'expiring' : priority),
    );
    queue.add('a', 'repair');
    queue.add('late', 'sweep');

    expect(await queue.take()).toEqual({ key: 'late', priority: 'expiring' });
  });

  it('reports every step to its observer, and a waiting key only once', async () => {
    queue.add('a', 'sweep');
    queue.add('a', 'new');
    await queue.take();
    queue.done('a');

    expect(log).toEqual(['added a', 'taken a', 'done a']);
  });
});

describe('times', () => {
  it('are kept', async () => {
    const keys = work();
    queue.addAt('a', inMs(2_000), 'rotation');

    await clock.advance(1_999);
    expect(keys).toEqual([]);
    await clock.advance(1);
    expect(keys).toEqual(['a']);
    await clock.advance(HOUR_MS);
    expect(keys).toEqual(['a']);
  });

  it('are replaced by earlier ones, not by later ones', async () => {
    const keys = work();
    queue.addAt('a', inMs(5_000), 'rotation');
    queue.addAt('a', inMs(1_000), 'rotation');
    queue.addAt('a', inMs(9_000), 'rotation');

    await clock.advance(1_000);
    expect(keys).toEqual(['a']);
    await clock.advance(HOUR_MS);
    expect(keys).toEqual(['a']);
  });

  it('in the past mean now', async () => {
    const keys = work();
    queue.addAt('a', inMs(-HOUR_MS), 'rotation');

    await clock.advance(0);

    expect(keys).toEqual(['a']);
  });

  it('are forgotten when the key is taken earlier: that pass decides again', async () => {
    const keys = work();
    queue.addAt('a', inMs(5_000), 'rotation');
    queue.add('a', 'new');

    await clock.advance(HOUR_MS);

    expect(keys).toEqual(['a']);
  });

  it('of thousands of keys come in order', async () => {
    const keys = work();
    const order = Array.from({ length: 2_000 }, (_, n) => (n * 7_919) % 2_000);
    for (const n of order) queue.addAt(`k${n}`, inMs(10_000 + n), 'rotation');

    await clock.advance(15_000);

    expect(keys).toEqual(order.map((_, n) => `k${n}`));
  });

  it('use one timer, and none if nothing is planned', async () => {
    const keys = work();
    for (let n = 0; n < 100; n++) queue.addAt(`k${n}`, inMs(n), 'rotation');
    expect(clock.pending).toBe(1);

    await clock.advance(1_000);

    expect(keys).toHaveLength(100);
    expect(clock.pending).toBe(0);
  });
});

describe('a clock that jumps', () => {
  it('forward, or a machine that slept, makes everything due at the next tick', async () => {
    const keys = work();
    queue.addAt('a', inMs(8 * HOUR_MS), 'rotation');
    queue.addAt('b', inMs(24 * HOUR_MS), 'rotation');

    clock.jump(8 * HOUR_MS);
    await clock.advance(15_000);

    expect(keys).toEqual(['a']);
  });

  it('back does not make a key wait for the old time to come again', async () => {
    const keys = work();
    queue.retry('a', 'repair');
    queue.addAt('b', inMs(6 * HOUR_MS), 'rotation');

    clock.jump(-24 * HOUR_MS);
    await clock.advance(15_000);

    expect(keys).toEqual(['a', 'b']);
  });

  it('back is noticed even if a time is requested before the next tick', async () => {
    const keys = work();
    queue.addAt('a', inMs(60_000), 'repair');

    clock.jump(-HOUR_MS);
    queue.addAt('b', inMs(5_000), 'rotation');
    await clock.advance(15_000);

    expect(keys).toContain('a');
  });

  it('back by very little, as clocks are set all the time, wakes no key', async () => {
    const keys = work();
    queue.addAt('a', inMs(60_000), 'rotation');

    clock.jump(-500);
    await clock.advance(30_000);

    expect(keys).toEqual([]);
  });
});

describe('back-off', () => {
  async function delayOfRetry(key: string): Promise<number> {
    const before = clock.now();
    const at = queue.retry(key, 'repair');
    return at.getTime() - before.getTime();
  }

  it('doubles from a tenth of a second up to a minute, and no further', async () => {
    const delays: number[] = [];
    for (let n = 0; n < 40; n++) delays.push(await delayOfRetry('a'));

    expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(Math.max(...delays)).toBe(60_000);
    expect(delays.at(-1)).toBe(60_000);
  });

  it('starts again once the key succeeds, and is separate for each key', async () => {
    for (let n = 0; n < 5; n++) queue.retry('a', 'repair');
    expect(await delayOfRetry('b')).toBe(100);

    queue.forget('a');

    expect(await delayOfRetry('a')).toBe(100);
  });

  it('is spread between half and the full delay', () => {
    const low = new WorkQueue(clock, () => 0, UNOBSERVED);

    expect(low.retry('a', 'repair').getTime() - clock.now().getTime()).toBe(50);
  });
});

describe('a stopped queue', () => {
  it('releases waiting workers, accepts nothing and leaves no timer', async () => {
    const waiting = queue.take();
    queue.addAt('a', inMs(1_000), 'new');

    queue.stop();
    queue.add('b', 'new');
    queue.addAt('c', inMs(0), 'new');
    queue.retry('d', 'new');
    await clock.advance(HOUR_MS);

    expect(await waiting).toBeUndefined();
    expect(await queue.take()).toBeUndefined();
    expect(ready()).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('reports to the observer the keys that will not be taken', () => {
    queue.add('a', 'new');
    queue.add('b', 'sweep');
    log.length = 0;

    queue.stop();

    expect(log).toEqual(['dropped a', 'dropped b']);
  });

  it('takes back work that was under way and added again', async () => {
    queue.add('a', 'new');
    await queue.take();
    queue.add('a', 'new');

    queue.stop();
    queue.done('a');

    expect(ready()).toBe(0);
  });
});

/** The whole controller over the simulator: rotation over hours and days, clocks that jump, and two leaders at once. */
import { describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { jitterOf } from '../../src/domain/token/refresh-policy.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { HOST } from '../support/values/config-text.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_IN, type SimulatedWorld, writesTo } from '../support/simulated/simulated-world.ts';
import { share } from '../support/suite/share.ts';

const DAY_MS = 24 * HOUR_MS;
/** How late a wake-up may be. */
const TICK_MS = 15_000;
/** The life of a token: a real token's life costs a second of CPU per test. */
const LIFE_MS = share(HOUR_MS, 12 * HOUR_MS);
/** The given number of twelfths of such a life. */
const hours = (count: number) => (count * LIFE_MS) / 12;
const awsDown = () => new TransientError('AWS is down', { code: 'ECR_DOWN' });
const manyNames = (count: number) => Array.from({ length: count }, (_, n) => `team-${n}`);

describe('the controller on the simulator, over time', () => {
  let world: SimulatedWorld;
  openWorlds((opened) => {
    world = opened;
  });

  describe('over four lives of a token', () => {
    const names = manyNames(share(4, 200));

    it('rotates with one call each time, and no Secret ever has an expired token', async () => {
      world.minter.lifeMs = LIFE_MS;
      world.optIn(...names);
      const run = await world.run();
      await world.clock.advance(10_000);
      const find = () => world.unready(names);
      expect(find()).toEqual([]);
      const writes = world.watchWrites();

      const everyMs = hours(1 / 6);
      const found = await world.advance(hours(20), { everyMs, find });
      // At a bad moment: when the first tokens are due.
      world.minter.failNext(awsDown(), 10_000);
      const foundInOutage = await world.advance(hours(5), { everyMs, find });
      world.minter.heal();
      const healedAt = world.clock.now();
      await world.clock.advance(90_000);
      const afterOutage = world.minter.calls.filter(({ at }) => at >= healedAt);
      const foundLater = await world.advance(hours(23), { everyMs, find });

      expect([...found, ...foundInOutage, ...foundLater]).toEqual([]);
      const failed = await run.scrape('token_requests_total', { result: 'failed' });
      const minted = world.minter.calls.length - failed;
      expect(minted).toBeGreaterThanOrEqual(8);
      expect(minted).toBeLessThanOrEqual(10);
      expect(afterOutage.length).toBeLessThanOrEqual(1);
      // Each Secret is written once per token, and nothing else is written.
      expect(writes().length).toBeLessThanOrEqual((minted - 1) * names.length);
      expect(world.minter.maxInFlight).toBe(1);
      // Never more than a minute between two attempts, and not many more attempts than that.
      expect(failed).toBeLessThanOrEqual((hours(5) / MINUTE_MS) * 2 + 10);
    });
  });

  it('leaves half of a life for an outage, whenever it starts, even with only one namespace', async () => {
    world.minter.lifeMs = LIFE_MS;
    const name = lateNamespace();
    await world.run();
    await world.clock.advance(10_000);
    let leastMs = Infinity;
    const find = () => {
      leastMs = Math.min(leastMs, lifeLeftMs(name));
      return world.unready([name]);
    };
    // The tokens at each of these moments are what it has if AWS fails from then on.
    expect(await world.advance(hours(24), { everyMs: hours(1 / 60), find })).toEqual([]);
    expect(leastMs).toBeGreaterThanOrEqual(LIFE_MS / 2 - TICK_MS);
    expect(world.minter.calls).toHaveLength(5);
  });

  /** The only namespace that is opted in, and one of the last to be due: at more than 0.49 of a life. */
  function lateNamespace(): string {
    for (const name of manyNames(1_000)) {
      world.kubectl.createNamespace(name);
      const uid = world.kubectl.get({ kind: 'Namespace', name })?.metadata.uid ?? '';
      if (jitterOf(uid) < 0.9) continue;
      world.annotate(name, OPTED_IN);
      return name;
    }
    throw new Error('no namespace is due late');
  }

  function lifeLeftMs(name: string): number {
    const expiresAt = world.secret(name)?.metadata.annotations?.[SECRET_ANNOTATIONS.expiresAt];
    return Date.parse(expiresAt ?? '') - world.clock.now().getTime();
  }

  it('keeps expired Secrets attached during an outage that is longer than their life, and heals within 90 s', async () => {
    const names = manyNames(share(2, 20));
    world.minter.lifeMs = LIFE_MS;
    world.optIn(...names);
    const run = await world.run();
    world.minter.failNext(awsDown(), 10_000);
    await world.clock.advance(hours(13));
    expect(names.filter((name) => world.secret(name) === undefined)).toEqual([]);
    expect(names.filter((name) => !world.references(name).includes(SECRET_NAME))).toEqual([]);
    const state = await run.readState();
    expect(state?.secrets.byProfile.get('default')?.byState.get('expired')).toBe(names.length);
    expect(world.reasons('team-1')).not.toContain('PullSecretRemoved');

    world.minter.heal();
    await world.clock.advance(90_000);
    expect(world.unready(names)).toEqual([]);
  });

  it('makes no call at a restart while Secrets are fresh, and at most one when they become due', async () => {
    const names = manyNames(20);
    world.optIn(...names);
    for (let n = 0; n < 5; n += 1) {
      const run = await world.run();
      await world.clock.advance(MINUTE_MS);
      await (n % 2 === 0 ? run.stop() : run.kill());
    }
    expect(world.minter.calls).toHaveLength(1);

    await world.clock.advance(5.4 * HOUR_MS);
    for (let n = 0; n < 3; n += 1) {
      const run = await world.run();
      await world.clock.advance(MINUTE_MS);
      await run.kill();
    }
    expect(world.minter.calls.length).toBeLessThanOrEqual(1 + 3);
    expect(world.unready(names)).toEqual([]);
  });

  it('loses nothing when it is killed in the middle of a rotation', async () => {
    const names = manyNames(share(8, 20));
    world.minter.lifeMs = LIFE_MS;
    world.optIn(...names);
    await world.run();
    const restarts = share(4, 8);
    for (let n = 0; n < restarts; n += 1) {
      await world.clock.advance(hours(5));
      const run = world.runs.at(-1);
      // Some are written, others are in flight.
      world.simulator.faults.add({ times: 30, effect: { kind: 'delay', delayMs: 100 * n } });
      run?.sweep();
      await world.clock.advance(50 * n);
      await run?.kill();
      await world.run();
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
    }
    expect(world.minter.calls.length).toBeLessThanOrEqual(1 + restarts * 2);
  });

  describe('when the clock jumps', () => {
    const names = manyNames(share(2, 8));
    it.each([
      ['an hour ahead', HOUR_MS],
      ['an hour back', -HOUR_MS],
      ['7 hours ahead', 7 * HOUR_MS],
      ['a day ahead', DAY_MS],
      ['7 hours back', -7 * HOUR_MS],
      ['12 hours ahead', DAY_MS / 2],
    ])('%s, it keeps every Secret live, without a storm', async (_, jumpMs) => {
      world.optIn(...names);
      const run = await world.run();
      await world.clock.advance(3 * HOUR_MS);
      const writes = world.watchWrites();
      const minted = world.minter.calls.length;

      world.jump(jumpMs);
      await world.clock.advance(30_000);
      expect(world.unready(names)).toEqual([]);
      expect(world.minter.calls.length - minted).toBeLessThanOrEqual(2);
      expect(writes().length).toBeLessThanOrEqual(2 * names.length);

      // With a clock that is a day off, no expiry is credible: at most one attempt a minute.
      const isBelieved = Math.abs(jumpMs) < DAY_MS / 2;
      const hours = isBelieved ? 14 : share(2, 14);
      const found = await world.advance(hours * HOUR_MS, {
        everyMs: 10 * MINUTE_MS,
        find: () => world.unready(names),
      });
      expect(found).toEqual([]);
      expect(world.minter.calls.length - minted).toBeLessThanOrEqual(isBelieved ? 12 : hours * 60);
      expect(run.faults).toEqual([]);
    });

    it('a day back, it changes nothing that it can not judge, and heals when the clock is right again', async () => {
      world.optIn(...names);
      await world.run();
      await world.clock.advance(3 * HOUR_MS);
      const minted = world.minter.calls.length;
      world.jump(-DAY_MS);
      // Every answer's expiry is more than a day away: not credible, and so no reason to replace anything.
      await world.clock.advance(8 * HOUR_MS);
      expect(world.unready(names)).toEqual([]);
      expect(new Set(names.map((name) => world.tokenNumber(name)))).toEqual(new Set([1]));
      expect(world.minter.calls.length - minted).toBeLessThanOrEqual(8 * 60 * 2);

      world.jump(DAY_MS);
      await world.clock.advance(90_000);
      expect(world.unready(names)).toEqual([]);
      expect(new Set(names.map((name) => world.tokenNumber(name)))).not.toContain(1);
    });

    it.each([
      ['ahead', DAY_MS],
      ['back', -DAY_MS],
    ])('%s and back, it ends where it was', async (_, jumpMs) => {
      world.optIn(...names);
      const run = await world.run();
      await world.clock.advance(3 * HOUR_MS);
      const minted = world.minter.calls.length;
      world.jump(jumpMs);
      await world.clock.advance(5 * MINUTE_MS);
      world.jump(-jumpMs);
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      expect(world.minter.calls.length - minted).toBeLessThanOrEqual(12);

      const found = await world.advance(DAY_MS, {
        everyMs: 10 * MINUTE_MS,
        find: () => world.unready(names),
      });
      expect(found).toEqual([]);
      expect(run.faults).toEqual([]);
    });

    it('a day back, after a day ahead from the start, every Secret soon has the right times', async () => {
      world.jump(DAY_MS);
      world.optIn(...names);
      await world.run();
      expect(names.map((name) => world.tokenNumber(name))).toEqual(names.map(() => 1));
      world.jump(-DAY_MS);
      await world.clock.advance(MINUTE_MS);
      expect(names.map((name) => world.tokenNumber(name))).toEqual(names.map(() => 2));
      expect(world.unready(names)).toEqual([]);
      await world.clock.advance(HOUR_MS);
      expect(world.minter.calls).toHaveLength(2);
    });

    it('back while a requested token can not be written, it mints only one more', async () => {
      world.optIn('team');
      await world.run();
      await world.clock.advance(HOUR_MS);
      world.simulator.faults.add({
        times: Infinity,
        effect: { kind: 'answer', status: 500, body: {} },
        match: writesTo('/secrets/'),
      });
      world.annotate('team', { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: '1' });
      await world.clock.advance(MINUTE_MS);
      expect(world.minter.calls).toHaveLength(2);
      world.jump(-20 * MINUTE_MS);
      await world.clock.advance(10 * MINUTE_MS);
      expect(world.minter.calls).toHaveLength(3);

      world.simulator.faults.clear();
      await world.clock.advance(2 * MINUTE_MS);
      expect(world.tokenNumber('team')).toBe(3);
      expect(world.secret('team')?.metadata.annotations).toMatchObject({
        [SECRET_ANNOTATIONS.refreshRequestedAt]: '1',
      });
      expect(world.minter.calls).toHaveLength(3);
    });

    it.each([
      ['back', -DAY_MS],
      ['ahead', DAY_MS],
    ])(
      'a day %s, it still finds within half an hour what its watches withhold',
      async (_, jumpMs) => {
        await world.run();
        world.jump(jumpMs);
        await world.clock.advance(MINUTE_MS);
        for (const watch of world.simulator.openWatches) watch.withholdEvents();
        world.simulator.faults.add({
          times: Infinity,
          effect: { kind: 'withhold-events' },
          match: ({ query }) => query.includes('watch=true'),
        });

        world.optIn('late');
        await world.clock.advance(20 * MINUTE_MS);
        expect(world.unready(['late'])).not.toEqual([]);
        await world.clock.advance(11 * MINUTE_MS);

        expect(world.unready(['late'])).toEqual([]);
      },
    );

    it.each([
      ['back', -HOUR_MS],
      ['ahead', HOUR_MS],
    ])(
      'an hour %s, readiness is as before, and fails two minutes into an outage',
      async (_, jumpMs) => {
        const run = await world.run();
        world.jump(jumpMs);
        expect(run.faults).toEqual([]);
        world.simulator.faults.add({ times: Infinity, effect: { kind: 'refuse' } });
        world.simulator.cutWatches();
        await world.clock.advance(MINUTE_MS);
        world.jump(jumpMs);
        expect(run.faults).toEqual([]);
        await world.clock.advance(MINUTE_MS);

        expect(run.faults).toHaveLength(3);
      },
    );

    it('a day ahead and back during a grace period, it removes nothing too early', async () => {
      world.optIn('team');
      await world.run();
      world.annotate('team', { 'ecr-pull-secrets.io/enabled': 'false' });
      await world.clock.advance(MINUTE_MS);
      world.jump(-DAY_MS);
      await world.clock.advance(8 * MINUTE_MS);
      expect(world.secret('team')).toBeDefined();
      await world.clock.advance(4 * MINUTE_MS);
      expect(world.secret('team')).toBeUndefined();
    });
  });

  describe('with two leaders at once', () => {
    const names = manyNames(share(5, 30));

    it('nothing is lost, duplicated or set back', async () => {
      world.minter.lifeMs = LIFE_MS;
      world.optIn(...names);
      await world.run({ reporter: 'pod-1' });
      await world.run({ reporter: 'pod-2' });
      const find = () => world.unready(names);
      expect(find()).toEqual([]);
      const found = await world.advance(hours(24), { everyMs: hours(1 / 6), find });
      expect(found).toEqual([]);
      expect(world.minter.calls.length).toBeLessThanOrEqual(2 * 6);
      // Both are idle: they do not fight.
      const writes = world.watchWrites();
      await world.clock.advance(hours(1));
      expect(writes().length).toBeLessThanOrEqual(2 * names.length);
    });

    it('both can start on an empty cluster', async () => {
      world.optIn(...names);
      await Promise.all([world.run({ reporter: 'pod-1' }), world.run({ reporter: 'pod-2' })]);
      await world.clock.advance(MINUTE_MS);
      expect(world.unready(names)).toEqual([]);
      expect(world.minter.calls.length).toBeLessThanOrEqual(4);
    });

    it('a paused leader that wakes up in the middle of its writes sets nothing back', async () => {
      world.optIn(...names);
      const stale = await world.run({ reporter: 'pod-1' });
      await world.clock.advance(4.8 * HOUR_MS - MINUTE_MS);
      // Its writes of the rotation hang in flight, while the other leader does the work.
      world.simulator.faults.add({
        times: 30,
        effect: { kind: 'delay', delayMs: 25_000 },
        match: ({ method }) => method === 'PATCH',
      });
      await world.clock.advance(30 * MINUTE_MS);
      await world.run({ reporter: 'pod-2' });
      for (const name of names) {
        world.annotate(name, { 'ecr-pull-secrets.io/refresh-requested-at': 'x' });
      }
      await world.clock.advance(2 * HOUR_MS);
      expect(world.unready(names)).toEqual([]);
      expect(stale.faults).toEqual([]);
    });

    it('two with different configurations do not undo each other endlessly', async () => {
      const configOf = (host: string) => `profiles: {default: {registries: [${host}]}}\n`;
      const writes = world.watchWrites();
      await world.run({ reporter: 'pod-1', config: configOf(HOST) });
      await world.run({ reporter: 'pod-2', config: configOf(HOST.replace('123', '321')) });
      world.optIn('team');
      await world.clock.advance(30_000);

      expect(writes().length).toBeLessThanOrEqual(12);
      expect(world.reasons('team')).toContain('AttachConflict');
    });
  });

  describe('with short-lived tokens', () => {
    it('never lets a token of 60 s expire, across a restart and with new namespaces', async () => {
      world.minter.lifeMs = 60_000;
      world.optIn('team-0');
      await world.run();
      const names = ['team-0'];
      let n = 0;
      const find = () => {
        n += 1;
        if (n % 10 === 0) {
          const name = `team-${n}`;
          world.optIn(name);
          // A moment to become ready.
          world.clock.after(3000, () => names.push(name));
        }
        return world.unready(names);
      };
      const first = await world.advance(150_000, { everyMs: 1000, find });
      await world.runs[0]?.stop();
      await world.run();
      const second = await world.advance(150_000, { everyMs: 1000, find });
      expect([...first, ...second]).toEqual([]);
      expect(world.minter.calls.length).toBeLessThanOrEqual(14);
    });
  });
});

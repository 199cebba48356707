/** One replica through several leadership terms, on the simulator. */
import { describe, expect, it } from '@jest/globals';
import { DRAIN_MS } from '../../src/controller/controller.ts';
import type { FaultEffect } from '../../simulator/faults.ts';
import { HOUR_MS } from '../support/values/builders.ts';
import { HandLeadership } from '../support/ports/hand-leadership.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { type SimulatedWorld, writesTo } from '../support/simulated/simulated-world.ts';

let world: SimulatedWorld;
let leadership: HandLeadership;

openWorlds((opened) => {
  world = opened;
  leadership = new HandLeadership();
});

describe('a replica', () => {
  it('competes for the lead only once its caches are complete', async () => {
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 5_000 },
      match: ({ path }) => path.endsWith('/secrets'),
    });
    await world.run({ leadership });
    expect(leadership.isWanted).toBe(false);
    await world.clock.advance(5_000);
    expect(leadership.isWanted).toBe(true);
  });

  it('keeps its caches warm, writes nothing and reports no state while another replica leads', async () => {
    world.optIn('early');
    const writes = world.watchWrites();
    const run = await world.run({ leadership });
    world.optIn('late');
    await world.clock.advance(HOUR_MS);

    expect(writes()).toEqual([]);
    expect(await run.readState()).toBeUndefined();
    expect(run.cluster.view.observe('late')).toBeDefined();
    expect(world.minter.calls).toHaveLength(0);
  });

  it('starts its term with all namespaces, from its caches', async () => {
    world.optIn('one', 'two');
    await world.run({ leadership });
    const requests = world.watchRequests();
    leadership.take();
    await world.clock.advance(1_000);

    expect(world.unready(['one', 'two'])).toEqual([]);
    expect(requests().filter(({ method }) => method === 'GET')).toEqual([]);
  });

  it('sends nothing more from a running pass once it has lost the lead', async () => {
    world.optIn('team');
    await world.run({ leadership });
    world.minter.hang();
    leadership.take();
    await world.clock.advance(1_000);
    leadership.lose();
    const writes = world.watchWrites();
    world.minter.release();
    world.optIn('late');
    await world.clock.advance(HOUR_MS);

    expect(writes()).toEqual([]);
    expect(world.secret('team')).toBeUndefined();
  });

  it('keeps a mint that started in one term for the next', async () => {
    world.optIn('team');
    await world.run({ leadership });
    world.minter.hang();
    leadership.take();
    await world.clock.advance(1_000);
    leadership.lose();
    await world.clock.advance(1_000);
    expect(world.minter.inFlight).toBe(1);
    leadership.take();
    await world.clock.advance(1_000);
    world.minter.release();
    await world.clock.advance(100);

    expect(world.unready(['team'])).toEqual([]);
    expect(world.minter.calls).toHaveLength(1);
  });

  it('cancels its mint when it stops, and starts no other', async () => {
    world.optIn('team');
    const run = await world.run({ leadership });
    world.minter.hang();
    leadership.take();
    await world.clock.advance(1_000);
    const stopped = run.stop();
    await world.clock.advance(1_000);
    await stopped;
    world.optIn('late');
    await world.clock.advance(HOUR_MS);

    expect(world.minter.inFlight).toBe(0);
    expect(world.minter.calls).toHaveLength(1);
    expect(world.secret('team')).toBeUndefined();
  });

  it('continues in its next term with its cached token and a new memory', async () => {
    world.optIn('team');
    const run = await world.run({ leadership });
    leadership.take();
    await world.clock.advance(1_000);
    leadership.lose();
    world.optIn('late');
    await world.clock.advance(60_000);
    leadership.take();
    await world.clock.advance(1_000);

    expect(world.unready(['team', 'late'])).toEqual([]);
    expect(world.minter.calls).toHaveLength(1);
    expect((await run.readState())?.secrets.byState.get('fresh')).toBe(2);
  });

  it('releases the lead when it stops, after the last write', async () => {
    world.optIn('team');
    const run = await world.run({ leadership });
    leadership.take();
    const stopped = run.stop();
    await world.clock.advance(1_000);
    await stopped;
    expect(leadership.released).toBe(true);
  });

  it('aborts the remaining work if it loses the lead while it stops, and does not start again', async () => {
    world.optIn('team');
    const run = await world.run({ leadership });
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 500 },
      match: ({ path }) => path.endsWith('/serviceaccounts/default'),
    });
    leadership.take();
    await world.clock.advance(100);
    const stopped = run.stop();
    leadership.lose();
    leadership.take();
    world.optIn('late');
    await world.clock.advance(1_000);
    await stopped;

    expect(world.references('team')).toEqual([]);
    expect(world.secret('late')).toBeUndefined();
    expect(await run.readState()).toBeUndefined();
  });
});

describe('a replica that stops', () => {
  const hitAccounts = (effect: FaultEffect) =>
    world.simulator.faults.add({ effect, match: writesTo('/serviceaccounts/') });

  it('lets running passes finish, and starts no other', async () => {
    const run = await world.run();
    hitAccounts({ kind: 'delay', delayMs: 500 });
    world.optIn('team');
    await world.clock.advance(100);
    const stopped = run.stop();
    world.optIn('late');
    await world.clock.advance(1_000);
    await stopped;

    expect(world.unready(['team'])).toEqual([]);
    expect(world.secret('late')).toBeUndefined();
    expect(world.references('late')).toEqual([]);
  });

  it('does not wait for a token, and does not write one that arrives later', async () => {
    const run = await world.run();
    world.minter.hang();
    world.optIn('team');
    await world.clock.advance(100);
    await run.stop();
    world.minter.release();
    await world.clock.advance(60_000);

    expect(world.secret('team')).toBeUndefined();
    expect(world.minter.calls).toHaveLength(1);
  });

  it('aborts what does not finish in time, which is not a program fault', async () => {
    const run = await world.run();
    hitAccounts({ kind: 'hang' });
    world.optIn('team');
    await world.clock.advance(100);
    const stopped = run.stop();
    await world.clock.advance(DRAIN_MS);
    await stopped;

    expect(world.references('team')).toEqual([]);
    expect(run.log.messages('error')).toEqual([]);
    expect(run.log.messages('debug')).toContain('step failed');
  });
});

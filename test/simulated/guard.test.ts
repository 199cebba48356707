/** A replica that expects the guard, on a simulated cluster with and without it. */
import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../support/values/builders.ts';
import { HandLeadership } from '../support/ports/hand-leadership.ts';
import { guard } from '../support/simulated/guarded.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';

let world: SimulatedWorld;

openWorlds((opened) => {
  world = opened;
});

const dryRuns = () =>
  world.simulator.requests.filter(({ query }) => query.includes('dryRun=All')).length;

describe('a leader that expects the guard', () => {
  it('warns within three minutes if it is missing, and says so in a metric', async () => {
    world.optIn('team');
    const run = await world.run({ guard: 'expected' });

    await world.clock.advance(3 * MINUTE_MS);

    expect(run.log.messages('warn')).toEqual(['guard is not in effect']);
    expect(await run.scrapeIfPresent('guard_in_effect')).toBe(0);
    expect(world.unready(['team'])).toEqual([]);
  });

  it('is content while it is there, and notices within the hour and a minute that it is gone', async () => {
    const remove = guard(world.simulator);
    world.optIn('team');
    const run = await world.run({ guard: 'expected' });
    await world.clock.advance(MINUTE_MS);
    expect(await run.scrapeIfPresent('guard_in_effect')).toBe(1);

    remove();
    await world.clock.advance(62 * MINUTE_MS);

    expect(run.log.messages('warn')).toEqual(['guard is not in effect']);
    expect(await run.scrapeIfPresent('guard_in_effect')).toBe(0);
  });

  it('claims nothing while it is a standby', async () => {
    world.optIn('team');
    const leadership = new HandLeadership();
    const run = await world.run({ guard: 'expected', leadership });
    leadership.take();
    await world.clock.advance(3 * MINUTE_MS);
    leadership.lose();
    const before = dryRuns();
    await world.clock.advance(120 * MINUTE_MS);

    expect(await run.scrapeIfPresent('guard_in_effect')).toBeUndefined();
    expect(dryRuns()).toBe(before);
  });
});

describe('a leader without a guard', () => {
  it('does not ask for one', async () => {
    world.optIn('team');
    const run = await world.run();

    await world.clock.advance(120 * MINUTE_MS);

    expect([dryRuns(), run.log.messages('warn')]).toEqual([0, []]);
    expect(await run.scrapeIfPresent('guard_in_effect')).toBeUndefined();
  });
});

/** What a replica does in addition to its passes, on the simulator: the wiring of `run` itself. */
import { describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';

let world: SimulatedWorld;

openWorlds((opened) => {
  world = opened;
});

describe('a replica', () => {
  it('sweeps every namespace on the schedule of its configuration', async () => {
    world.optIn('a', 'b', 'c');
    const run = await world.run({ config: "sweep: {schedule: '*/20 * * * *'}" });
    await world.clock.advance(MINUTE_MS);
    const before = await run.scrape('reconcile_total');
    await world.clock.advance(HOUR_MS);

    expect((await run.scrape('reconcile_total')) - before).toBe(
      3 * world.kubectl.list('Namespace').length,
    );
  });

  it('shows in its metrics whether the configuration file is in effect', async () => {
    const run = await world.run();
    expect(await run.scrape('config_valid')).toBe(1);

    run.config = 'profiles: [';
    await world.clock.advance(MINUTE_MS);
    expect(await run.scrape('config_valid')).toBe(0);
    expect(await run.scrape('config_restart_required')).toBe(0);

    run.config = 'kubernetes: {qps: 7}';
    await world.clock.advance(MINUTE_MS);
    expect(await run.scrape('config_valid')).toBe(1);
    expect(await run.scrape('config_restart_required')).toBe(1);
  });

  it('is alive all the time, and ready once its caches are complete', async () => {
    world.simulator.faults.add({ times: Infinity, effect: { kind: 'refuse' } });
    const run = await world.run();
    await world.clock.advance(MINUTE_MS);
    expect(run.faults).toEqual(
      expect.arrayContaining([expect.stringContaining('the first list is not complete')]),
    );

    world.simulator.faults.clear();
    await world.clock.advance(MINUTE_MS);
    expect(run.faults).toEqual([]);
  });
});

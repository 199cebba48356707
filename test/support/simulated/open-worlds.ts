/** Opens a simulated world for each test in a file, and checks that no test leaves anything behind. */
import { afterEach, beforeEach, expect } from '@jest/globals';
import { lightenTests } from '../suite/lighten-tests.ts';
import { SimulatedWorld } from './simulated-world.ts';

/** Call it once, outside of all tests. */
export function openWorlds(use: (world: SimulatedWorld) => void): void {
  lightenTests();
  let world: SimulatedWorld;
  beforeEach(() => {
    world = new SimulatedWorld();
    use(world);
  });
  afterEach(async () => {
    world.simulator.faults.clear();
    await world.close();
    expect(world.violations()).toEqual([]);
    expect(world.clock.pending).toBe(0);
    expect(world.simulator.openWatches).toEqual([]);
  });
}

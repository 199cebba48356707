/** A run of seeds, as tests. Several files share the seeds, so that every core has a part of them. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AccessRule } from '../../src/simulator/access.ts';
import { lightenTests } from '../support/lighten-tests.ts';
import { ourRules } from '../support/simulated-world.ts';
import { Simulation } from './simulation.ts';
import { renderViolation } from './violation.ts';

const CHUNKS = 5;
const SEEDS_IN_A_CHUNK = 10;

/** Of each of the files. */
export const SEEDS = CHUNKS * SEEDS_IN_A_CHUNK;

export function describeWorlds(firstSeed: number): void {
  describe('simulated worlds', () => {
    lightenTests();
    let rules: readonly AccessRule[];
    beforeAll(async () => {
      rules = await ourRules();
    });

    it.each(Array.from({ length: CHUNKS }, (_, n) => firstSeed + n * SEEDS_IN_A_CHUNK))(
      `keep every promise, from seed %i on for ${SEEDS_IN_A_CHUNK} seeds`,
      async (from) => {
        const found: string[] = [];
        for (let seed = from; seed < from + SEEDS_IN_A_CHUNK; seed += 1) {
          const { violations } = await new Simulation({ seed, rules }).run();
          const repeat = `npm run fuzz -- --seeds 1 --from ${seed} --trace`;
          found.push(...violations.map((one) => `${renderViolation(one)} (${repeat})`));
        }
        expect(found).toEqual([]);
      },
      60_000,
    );
  });
}

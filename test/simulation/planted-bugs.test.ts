/** Mutation tests of the oracle: a check that finds nothing in a program with a fault is no check. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccessRule } from '../../src/simulator/access.ts';
import { ourRules } from '../support/simulated-world.ts';
import { lightenTests } from '../support/lighten-tests.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { Simulation } from './simulation.ts';
import { renderViolation } from './violation.ts';

const AT_MOST_SEEDS = 1000;

describe('the simulation finds a program that', () => {
  const finds: string[] = [];
  lightenTests();
  let rules: readonly AccessRule[];
  beforeAll(async () => {
    rules = await ourRules();
  });
  afterAll(() => {
    console.info(`planted bugs, and the seeds that it took to find them:\n${finds.join('\n')}`);
  });

  it.each(Object.entries(PLANTED_BUGS))(
    '%s',
    async (name, plant) => {
      for (let seed = 1; seed <= AT_MOST_SEEDS; seed += 1) {
        const { violations } = await new Simulation({ seed, rules, plant }).run();
        const [first] = violations;
        if (first === undefined) continue;
        finds.push(`  ${seed}: ${name} → ${renderViolation(first)}`);
        return;
      }
      expect(`found within ${AT_MOST_SEEDS} seeds`).toBe(true);
    },
    60_000,
  );
});

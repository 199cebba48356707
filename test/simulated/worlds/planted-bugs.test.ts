/** Mutation tests of the oracle: a check that finds nothing in a broken program is worthless. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { lightenTests } from '../../support/suite/lighten-tests.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import type { PlantedBug } from './plants/plant.ts';
import { simulate } from './simulation.ts';
import { type Violation, renderViolation } from './violation.ts';

const AT_MOST_SEEDS = 1000;

describe('the simulation finds a program that', () => {
  const finds: string[] = [];
  lightenTests();
  afterAll(() => {
    if (finds.length === 0) return;
    console.info(`seeds to write into test/simulated/worlds/plants:\n${finds.join('\n')}`);
  });

  it.each(Object.entries(PLANTED_BUGS))(
    '%s',
    async (name, bug) => {
      for (const seed of seedsFor(bug)) {
        const { violations } = await simulate({
          seed,
          plant: bug.plant,
        });
        const found = violations.find((violation) => isMeant(violation, bug));
        if (found === undefined) continue;
        if (bug.seed !== undefined && bug.seed !== seed) {
          finds.push(`  ${seed}: ${name} → ${renderViolation(found)}`);
        }
        return;
      }
      expect(`${bug.breaks} found within ${AT_MOST_SEEDS} seeds`).toBe(true);
    },
    60_000,
  );
});

/** A side effect that breaks another invariant does not count. */
function isMeant({ invariant, check }: Violation, { breaks }: PlantedBug): boolean {
  return [invariant, `${invariant} ${check}`].includes(breaks);
}

function seedsFor({ seed: last }: PlantedBug): readonly number[] {
  const all = Array.from({ length: AT_MOST_SEEDS }, (_, index) => index + 1);
  return last === undefined ? all : [last, ...all.filter((seed) => seed !== last)];
}

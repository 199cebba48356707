/** Worlds in which the Secret gets another name again and again: nobody who could pull loses it, and all comes right. */
import { describe, expect, it } from '@jest/globals';
import { lightenTests } from '../../support/lighten-tests.ts';
import { PLANTED_RENAME_BUGS } from './planted-rename-bugs.ts';
import { RenameWorld } from './rename-world.ts';

const SEEDS = 8;
const AT_MOST_SEEDS = 10;

/** What each leads to. */
const FOUND: Readonly<Record<string, string>> = {
  'takes the new Secret for granted': "can't pull",
  'does not look who names the old Secret alone': "can't pull",
  'attaches today’s name only': 'is shut out',
  'detaches the entry of today’s name with the old one': 'is still there',
};

lightenTests();

describe('worlds in which the Secret is renamed', () => {
  it(`keep every promise, for ${SEEDS} seeds`, async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const faults = await new RenameWorld({ seed }).run();
      found.push(...faults.map((fault) => `seed ${seed}: ${fault}`));
    }
    expect(found).toEqual([]);
  });

  it.each(Object.entries(PLANTED_RENAME_BUGS))('find a program that %s', async (name, plant) => {
    for (let seed = 1; seed <= AT_MOST_SEEDS; seed += 1) {
      const faults = await new RenameWorld({ seed, plant }).run();
      if (faults.some((fault) => fault.includes(FOUND[name] ?? name))) return;
    }
    expect(`found within ${AT_MOST_SEEDS} seeds`).toBe(true);
  });
});

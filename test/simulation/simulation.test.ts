/** Whole worlds on one virtual clock and one seeded scheduler. `npm run fuzz` runs as many as you like. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccessRule } from '../../src/simulator/access.ts';
import { parseOk } from '../support/config-text.ts';
import { ourRules } from '../support/simulated-world.ts';
import { drawConfig, editConfig, renderConfig } from './config-model.ts';
import { lighten } from './light-process.ts';
import { RandomStream } from './random-stream.ts';
import { Simulation } from './simulation.ts';
import { renderViolation } from './violation.ts';

const CHUNKS = 20;
const SEEDS_IN_A_CHUNK = 10;

describe('simulated worlds', () => {
  let rules: readonly AccessRule[];
  let undo: () => void;
  beforeAll(async () => {
    undo = lighten();
    rules = await ourRules();
  });
  afterAll(() => {
    undo();
  });

  async function storyOf(seed: number): Promise<readonly string[]> {
    const lines: string[] = [];
    await new Simulation({ seed, rules, onTrace: (line) => lines.push(line) }).run();
    return lines;
  }

  it.each(Array.from({ length: CHUNKS }, (_, n) => 1 + n * SEEDS_IN_A_CHUNK))(
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
    30_000,
  );

  it('are the same for the same seed, to the letter, and others for others', async () => {
    const [story, again, other] = [await storyOf(11), await storyOf(11), await storyOf(12)];
    expect(story.length).toBeGreaterThan(500);
    expect(again).toEqual(story);
    expect(other).not.toEqual(story);
  });

  it('have configurations that mean what the oracle takes them for', () => {
    const random = new RandomStream(1);
    let model = drawConfig(random);
    for (let n = 0; n < 200; n += 1) {
      model = editConfig(model, random);
      const { settings } = parseOk(renderConfig(model, { qps: 5, burst: 10 }));
      const states = [...settings.profiles].map(([name, { kind }]) => ({ name, kind }));
      const expected = model.profiles.map(({ name, isFaulty }) => ({
        name,
        kind: isFaulty ? 'faulty' : 'healthy',
      }));
      expect(states).toEqual(expected);
    }
  });
});

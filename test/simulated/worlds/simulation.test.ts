/**
 * What the simulation relies on: runs that can be repeated, and an oracle that reads configurations as the product
 * does.
 */
import { describe, expect, it } from '@jest/globals';
import { parseOk } from '../../support/values/config-text.ts';
import {
  drawConfig,
  editConfig,
  identityNameOf,
  loginsOf,
  renderConfig,
  takeAway,
} from './model/config-model.ts';
import { lightenTests } from '../../support/suite/lighten-tests.ts';
import { RandomStream } from './random-stream.ts';
import { simulate } from './simulation.ts';

describe('simulated worlds', () => {
  lightenTests();

  async function storyOf(seed: number): Promise<readonly string[]> {
    const lines: string[] = [];
    await simulate({ seed, onTrace: (line) => lines.push(line) });
    return lines;
  }

  it('are identical for the same seed and differ for different seeds', async () => {
    const [story, again, other] = [await storyOf(11), await storyOf(11), await storyOf(12)];
    expect(story.length).toBeGreaterThan(500);
    expect(again).toEqual(story);
    expect(other).not.toEqual(story);
  });

  it('have configurations that mean the same to the oracle and the product', () => {
    const random = new RandomStream(1);
    let model = drawConfig(random);
    for (let n = 0; n < 200; n += 1) {
      model = n % 10 === 9 ? takeAway(model, random) : editConfig(model, random);
      const { settings } = parseOk(renderConfig(model, { qps: 5, burst: 10 }));
      const states = [...settings.profiles].map(([name, { kind }]) => ({ name, kind }));
      const expected = model.profiles.map(({ name, isFaulty }) => ({
        name,
        kind: isFaulty ? 'faulty' : 'healthy',
      }));
      expect(states).toEqual(expected);
      for (const profile of model.profiles.filter(({ isFaulty }) => !isFaulty)) {
        const state = settings.profiles.get(profile.name);
        const logins = state?.kind === 'healthy' ? state.profile.logins : [];
        const read = logins.map(({ identity, hosts }) => ({
          identity: identityNameOf(identity.region, identity.assumeRole[0]?.roleArn.split('/')[1]),
          hosts: hosts === 'own' ? [] : [...hosts].sort(),
        }));
        expect(read).toEqual(loginsOf(profile));
      }
    }
  });
});

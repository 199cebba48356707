/** The whole controller over the simulator, with many profiles, identities and namespaces at once. */
import { describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { HOUR_MS, MINUTE_MS } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { share } from '../support/suite/share.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'ap-south-1'];
const ACCOUNTS = 5;
const COUNT = share(100, 300);

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** Each has its own registries, by the role of one of five accounts, in every region. */
function aWideProfile(_: unknown, n: number): string {
  const account = String(n).padStart(12, '0');
  const hosts = REGIONS.map((region) => `${account}.dkr.ecr.${region}.amazonaws.com`).join();
  const role = `arn:aws:iam::${String(n % ACCOUNTS).padStart(12, '9')}:role/puller`;
  return `  p${n}: {registries: [${hosts}], assumeRole: {roleArn: "${role}"}, allowedNamespaces: {names: ["*"]}}\n`;
}

describe(`20 profiles over 5 accounts and 4 regions for ${COUNT} namespaces`, () => {
  it('cost one mint for each of the 20 identities, and one write per namespace, also when all are refreshed', async () => {
    const names = Array.from({ length: COUNT }, (_, n) => `team-${n}`);
    for (const [n, name] of names.entries()) {
      const profiles = [0, 1, 7].map((step) => `p${(n + step) % 20}`).join();
      const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: profiles };
      world.kubectl.createNamespace(name, annotations);
    }
    const config = `profiles:\n${Array.from({ length: 20 }, aWideProfile).join('')}`;
    const writesOf = () =>
      world.simulator.writes.filter(({ path }) => path.includes('/secrets/')).length;
    const run = await world.run({ config });
    await world.clock.advance(MINUTE_MS);

    expect(world.unready(names)).toEqual([]);
    expect(world.minter.calls).toHaveLength(20);
    expect(new Set(world.minter.calls.map(({ identity }) => identity)).size).toBe(20);
    expect(writesOf()).toBe(COUNT);

    await run.stop();
    await world.clock.advance(6 * HOUR_MS);
    await world.run({ config });
    await world.clock.advance(MINUTE_MS);
    expect(world.minter.calls).toHaveLength(40);
    expect(writesOf()).toBe(2 * COUNT);
  });
});

/** A leader that is killed before and after each of its writes: the next leader completes what it started (row 20). */
import { describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import type { FaultEffect, SeenRequest } from '../../simulator/faults.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import { OUR_RULES, SimulatedWorld } from '../support/simulated/simulated-world.ts';

const SECOND_MS = 1000;
const VICTIM = 'victim';
const CONFIG = 'removal: {gracePeriod: 1s}';
/** Three attachments and three Secrets, then two stamps, two detachments and two deletions. */
const WRITES = 12;

function isWrite({ method, path, user }: SeenRequest): boolean {
  return (
    user === VICTIM && method !== 'GET' && !path.includes('/leases/') && !path.includes('/events')
  );
}

/** Lets a leader opt namespaces in and out until its `nth` write, which meets `effect`, and kills it there. */
async function killAtWrite(nth: number, effect: FaultEffect): Promise<SimulatedWorld> {
  const world = new SimulatedWorld();
  world.kubectl.createNamespace(INSTALLED_AS.namespace);
  world.simulator.setAccess(VICTIM, OUR_RULES);
  const common = { elected: true, config: CONFIG };
  const first = await world.run({ ...common, reporter: 'first', user: VICTIM });
  await world.run({ ...common, reporter: 'second' });
  let writes = 0;
  let killed: Promise<void> | undefined;
  world.simulator.faults.add({
    effect,
    match: (request) => {
      if (isWrite(request)) writes += 1;
      if (writes !== nth || killed !== undefined) return false;
      killed = first.kill();
      return true;
    },
  });
  world.optIn('kept', 'left', 'also-left');
  await world.clock.advance(2 * SECOND_MS);
  for (const name of ['left', 'also-left']) {
    world.annotate(name, { [NAMESPACE_ANNOTATIONS.enabled]: 'false' });
  }
  await world.clock.advance(30 * SECOND_MS);
  expect(killed).toBeDefined();
  await killed;
  return world;
}

describe('a leader that is killed', () => {
  const points = Array.from({ length: WRITES }, (_, index) => index + 1);

  it.each([
    ['before', { kind: 'refuse' }],
    ['after', { kind: 'lose-answer' }],
  ] as const)(
    '%s any of its writes has a successor that completes them, with at most one more mint',
    async (_, effect) => {
      for (const nth of points) {
        const world = await killAtWrite(nth, effect);

        expect(world.unready(['kept'])).toEqual([]);
        for (const name of ['left', 'also-left']) {
          expect({ nth, name, entries: world.references(name) }).toEqual({
            nth,
            name,
            entries: [],
          });
          expect(world.secret(name)).toBeUndefined();
        }
        expect(world.minter.calls.length).toBeLessThanOrEqual(2);
        await world.close();
        expect(world.violations()).toEqual([]);
      }
    },
  );
});

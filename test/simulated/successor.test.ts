/** A namespace that is deleted and re-created under the same name while its watch delivers nothing: a new namespace. */
import { expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import type { SeenRequest } from '../../simulator/faults.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { HOUR_MS, MINUTE_MS } from '../support/values/builders.ts';
import { HOST } from '../support/values/config-text.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const TEAM = { kind: 'Namespace', name: 'team' } as const;
const CONFIG = `profiles: {vault: {registries: [${HOST}], allowedNamespaces: {selector: {matchLabels: {vault: "yes"}}}}}\n`;

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

function createAllowed(): void {
  const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'vault' };
  world.kubectl.createNamespace('team', annotations, { vault: 'yes' });
}

/** From now on; what the other watches deliver is seen. */
function withholdNamespaces(): void {
  const isOfNamespaces = ({ path, query }: SeenRequest) =>
    path === '/api/v1/namespaces' && query.includes('watch=true');
  world.simulator.faults.add({
    times: Infinity,
    match: isOfNamespaces,
    effect: { kind: 'withhold-events' },
  });
  for (const watch of world.simulator.openWatches) {
    if (watch.request.kind.resource === 'namespaces') watch.withholdEvents();
  }
}

async function replaceBySuccessor(): Promise<void> {
  world.kubectl.delete(TEAM);
  await world.clock.advance(1000);
  expect(world.kubectl.get(TEAM)).toBeUndefined();
  world.kubectl.createNamespace('team');
}

it('gets no token of its predecessor, whose Secret is seen to disappear', async () => {
  createAllowed();
  const run = await world.run({ config: CONFIG });
  expect(world.unready(['team'])).toEqual([]);
  await world.clock.advance(HOUR_MS);
  withholdNamespaces();
  await replaceBySuccessor();
  const changes = world.watchChanges('secrets');
  await world.clock.advance(HOUR_MS);

  expect(changes()).toEqual([]);
  expect(await run.readState()).toMatchObject({ managedNamespaces: 0 });
});

it('gets no token that its predecessor waited for', async () => {
  createAllowed();
  world.minter.failNext(new TransientError('AWS is down', { code: 'ECR_DOWN' }), 10_000);
  await world.run({ config: CONFIG });
  await world.clock.advance(10 * MINUTE_MS);
  withholdNamespaces();
  await replaceBySuccessor();
  const changes = world.watchChanges('secrets');
  world.minter.heal();
  await world.clock.advance(10 * MINUTE_MS);

  expect(changes()).toEqual([]);
});

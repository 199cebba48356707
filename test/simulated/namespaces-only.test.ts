/**
 * The whole controller over the simulator with `namespaces.only`, with permissions only from Roles in these namespaces.
 */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { rulesOfUser } from '../../simulator/server/rbac-manifests.ts';
import { MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { OUR_USER } from '../support/cluster/install.ts';
import { readNamespacedInstallation } from '../support/cluster/namespace-roles.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_IN, OPTED_OUT, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const ONLY_A_B = 'namespaces: {only: [team-a, team-b]}';

describe('the controller with namespaces.only', () => {
  let world: SimulatedWorld;
  const grant = async (...namespaces: readonly string[]): Promise<void> => {
    const objects = await readNamespacedInstallation(namespaces);
    world.simulator.setAccess(OUR_USER, rulesOfUser(objects, OUR_USER));
  };
  openWorlds((opened) => {
    world = opened;
  });
  beforeEach(() => grant('team-a', 'team-b'));

  it('does everything in them, and requests nothing outside', async () => {
    const requests = world.watchRequests();
    world.optIn('team-a', 'outside');
    world.kubectl.createNamespace('team-b');
    const run = await world.run({ config: ONLY_A_B });
    expect(world.unready(['team-a'])).toEqual([]);
    expect(run.faults).toEqual([]);
    expect(run.log.messages('error')).toEqual([]);

    world.annotate('team-b', OPTED_IN);
    world.kubectl.createServiceAccount('team-b', 'app');
    world.kubectl.delete({ kind: 'Secret', namespace: 'team-a', name: SECRET_NAME });
    await world.clock.advance(1_000);
    expect(world.unready(['team-a', 'team-b'])).toEqual([]);
    expect(world.references('team-b', 'app')).toEqual([SECRET_NAME]);

    world.annotate('team-a', OPTED_OUT);
    await world.clock.advance(12 * MINUTE_MS);
    expect(world.secret('team-a')).toBeUndefined();
    expect(world.references('team-a')).toEqual([]);
    expect(world.unready(['team-b'])).toEqual([]);

    expect(world.secret('outside')).toBeUndefined();
    const paths = requests().map(({ path }) => path);
    const inside = /^\/api\/v1\/(?:watch\/)?namespaces\/team-[ab](?:\/|$)/;
    expect(paths.filter((path) => !inside.test(path))).toEqual([]);
    expect(world.simulator.openWatches).toHaveLength(6);
  });

  it('is ready if one of them does not exist, and serves it as soon as it does', async () => {
    world.optIn('team-a');
    const run = await world.run({ config: ONLY_A_B });
    expect(run.faults).toEqual([]);
    expect(world.unready(['team-a'])).toEqual([]);

    world.optIn('team-b');
    await world.clock.advance(1_000);
    expect(world.unready(['team-b'])).toEqual([]);
  });

  it('notices a namespace that is deleted and re-created', async () => {
    world.optIn('team-a', 'team-b');
    const run = await world.run({ config: ONLY_A_B });
    world.kubectl.delete({ kind: 'Namespace', name: 'team-b' });
    await world.clock.advance(MINUTE_MS);
    expect([...run.cluster.view.namespaces()].map(({ name }) => name)).toEqual(['team-a']);

    world.optIn('team-b');
    await world.clock.advance(MINUTE_MS);
    expect(world.unready(['team-a', 'team-b'])).toEqual([]);
  });

  it('serves the others if it has no permissions in one, reports it, and serves it once it has them', async () => {
    await grant('team-a');
    world.optIn('team-a', 'team-b');
    const run = await world.run({ config: ONLY_A_B });
    await world.clock.advance(MINUTE_MS);

    expect(world.unready(['team-a'])).toEqual([]);
    expect(world.secret('team-b')).toBeUndefined();
    expect(run.faults).toEqual([
      expect.stringMatching(/^in namespace "team-b": the first list/),
      expect.stringMatching(/^in namespace "team-b": not allowed: .*serviceaccounts/),
      expect.stringMatching(/^in namespace "team-b": not allowed: .*secrets/),
    ]);
    const logged = run.log.lines.filter(({ message }) =>
      message.startsWith('not allowed to list or watch'),
    );
    expect(logged.map(({ fields: { resource, namespace } }) => [resource, namespace])).toEqual(
      expect.arrayContaining([
        ['serviceaccounts', 'team-b'],
        ['secrets', 'team-b'],
      ]),
    );
    expect(run.cluster.watches().every(({ synced }) => !synced)).toBe(true);

    await grant('team-a', 'team-b');
    await world.clock.advance(MINUTE_MS);
    expect(world.unready(['team-a', 'team-b'])).toEqual([]);
    expect(run.faults).toEqual([]);
    world.ignoreViolations(': 403');
  });

  it('writes nothing in a namespace that it sees only in part', async () => {
    const rules = rulesOfUser(await readNamespacedInstallation(['team-a']), OUR_USER);
    const blind = rules.filter(({ resources }) => !resources.includes('secrets'));
    world.simulator.setAccess(OUR_USER, blind);
    world.optIn('team-a');
    const writes = world.watchWrites();
    await world.run({ config: 'namespaces: {only: [team-a]}' });
    await world.clock.advance(5 * MINUTE_MS);

    expect(writes()).toEqual([]);
    expect(world.minter.calls).toEqual([]);
    world.ignoreViolations(': 403');
  });

  it('starts with two hundred namespaces within its budget', async () => {
    const names = Array.from({ length: 200 }, (_, n) => `team-${n}`);
    await grant(...names);
    for (const name of names) world.kubectl.createNamespace(name);
    world.annotate('team-7', OPTED_IN);
    const requests = world.watchRequests();
    const counts: number[] = [];
    const run = await world.run({ config: `namespaces: {only: [${names.join()}]}` });
    for (let second = 2; second < 40; second += 1) {
      counts.push(requests().length);
      await world.clock.advance(1_000);
    }

    expect(counts.filter((count, n) => count > 400 + 200 * (n + 2))).toEqual([]);
    expect(run.faults).toEqual([]);
    expect(world.unready(['team-7'])).toEqual([]);
    expect(world.simulator.openWatches).toHaveLength(600);
  });
});

/**
 * Two instances serve the same namespaces, as during a change of the Secret's name: each does its own work, without a
 * fight.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import type { LoggedRequest } from '../../simulator/simulated-wire.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME as OLD } from '../support/values/builders.ts';
import { OUR_USER } from '../support/cluster/install.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { runSecond, SECOND } from '../support/simulated/second-instance.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';

const { secretName: NEW, user: SECOND_USER } = SECOND;
const TEAMS = Array.from({ length: 20 }, (_, n) => `team-${n}`);
/** In each team; each list has something of its own. */
const ACCOUNTS = ['default', 'app'];
const WRITES_OF_ONE = TEAMS.length * (1 + ACCOUNTS.length);

describe('two instances that serve the same namespaces', () => {
  let world: SimulatedWorld;
  openWorlds((opened) => {
    world = opened;
    world.optIn(...TEAMS);
    for (const team of TEAMS) {
      world.kubectl.createServiceAccount(team, 'app', { imagePullSecrets: [{ name: 'mine' }] });
    }
  });
  afterEach(() => {
    expect(requestsOf(SECOND_USER).filter(({ status }) => status === 403)).toEqual([]);
  });

  const requestsOf = (user: string): readonly Readonly<LoggedRequest>[] =>
    world.simulator.requests.filter((request) => request.user === user);
  /** Requests that changed something, or tried to; Events do not count as work. */
  const writesOf = (user: string): readonly Readonly<LoggedRequest>[] =>
    requestsOf(user).filter(({ method, path }) => method !== 'GET' && !path.includes('/events'));
  const writeCounts = () => [OUR_USER, SECOND_USER].map((user) => writesOf(user).length);
  const lists = () =>
    TEAMS.flatMap((team) => ACCOUNTS.map((account) => world.references(team, account)));
  const expectedLists = (...names: readonly string[]) =>
    TEAMS.flatMap(() => [names, ['mine', ...names]]);
  /** Secrets without a live token. */
  const dead = (...names: readonly string[]) =>
    TEAMS.flatMap((team) => names.map((name) => [team, name] as const)).filter(
      ([team, name]) => !world.isLive(team, name),
    );

  it('the second adds its own Secrets and references with one mint, and the first does nothing about it', async () => {
    await world.run();
    expect([world.minter.calls.length, writeCounts()]).toEqual([1, [WRITES_OF_ONE, 0]]);

    await runSecond(world);
    expect(lists()).toEqual(expectedLists(OLD, NEW));
    expect(dead(OLD, NEW)).toEqual([]);
    await world.clock.advance(2 * HOUR_MS);

    expect(world.minter.calls).toHaveLength(2);
    expect(writeCounts()).toEqual([WRITES_OF_ONE, WRITES_OF_ONE]);
    expect(lists()).toEqual(expectedLists(OLD, NEW));
  });

  it('both at once come to rest with one mint each, although they race for the ServiceAccounts', async () => {
    await Promise.all([world.run(), runSecond(world)]);

    expect(dead(OLD, NEW)).toEqual([]);
    const isOnce = lists().map((entries) => entries.filter((name) => name !== 'mine').sort());
    expect(isOnce).toEqual(lists().map(() => [OLD, NEW].sort()));
    expect(world.minter.calls).toHaveLength(2);
    for (const user of [OUR_USER, SECOND_USER]) {
      const writes = writesOf(user);
      const lost = writes.filter(({ status }) => status === 409);
      expect(writes.length - lost.length).toBe(WRITES_OF_ONE);
      // The other writes to each once, so that each race is lost at most once.
      expect(lost.length).toBeLessThanOrEqual(TEAMS.length * ACCOUNTS.length);
    }
    const before = writeCounts();
    await world.clock.advance(2 * HOUR_MS);
    expect(writeCounts()).toEqual(before);
  });

  it('each rotates its own Secrets, with one mint, and writes nothing else', async () => {
    world.minter.lifeMs = HOUR_MS;
    await world.run();
    await runSecond(world);
    const before = writeCounts();
    const gaps = await world.advance(40 * MINUTE_MS, {
      everyMs: MINUTE_MS,
      find: () => dead(OLD, NEW).map(([team, name]) => `${team}/${name}`),
    });

    expect(gaps).toEqual([]);
    expect(world.minter.calls).toHaveLength(4);
    expect(writeCounts()).toEqual(before.map((count) => count + TEAMS.length));
  });

  it('each restores its own reference if somebody removes both', async () => {
    await world.run();
    await runSecond(world);
    const before = writeCounts();
    world.byPeople(() => {
      world.kubectl.patch(
        { kind: 'ServiceAccount', namespace: 'team-0', name: 'app' },
        { imagePullSecrets: [{ name: 'mine' }] },
      );
    });
    await world.clock.advance(MINUTE_MS);

    expect([...world.references('team-0', 'app')].sort()).toEqual(['mine', OLD, NEW].sort());
    const [first = 0, second = 0] = writeCounts().map((count, n) => count - (before[n] ?? 0));
    // One of the two may lose one race.
    expect(first + second).toBeGreaterThanOrEqual(2);
    expect(first + second).toBeLessThanOrEqual(3);
  });

  it('each removes its own after an opt-out', async () => {
    await world.run();
    await runSecond(world);
    world.annotate('team-0', { [NAMESPACE_ANNOTATIONS.enabled]: 'false' });
    await world.clock.advance(12 * MINUTE_MS);

    expect([OLD, NEW].map((name) => world.secret('team-0', name))).toEqual([undefined, undefined]);
    expect(ACCOUNTS.map((account) => world.references('team-0', account))).toEqual([[], ['mine']]);
  });
});

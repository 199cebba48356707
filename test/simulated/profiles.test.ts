/**
 * The whole controller over the simulator, with several profiles in one namespace: a failing profile does not harm the
 * others.
 */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { StalledError, TransientError } from '../../src/domain/errors.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { identitiesIn } from '../support/values/config-text.ts';
import { profileLists } from '../support/values/profile-lists.ts';
import {
  ALL,
  type SeveralProfiles,
  TEN,
  configOf,
  hostOf,
  openSeveralProfiles,
  roleOf,
} from '../support/simulated/several-profiles.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const SECRET_PATH = `/api/v1/namespaces/team/secrets/${SECRET_NAME}`;
const denied = new StalledError(
  `can't mint an ECR token in eu-west-1: ${roleOf('p7')} was denied`,
  {
    code: 'STS_DENIED',
    eventReason: 'TokenRequestDenied',
  },
);
const awsDown = new TransientError('AWS is down', { code: 'ECR_DOWN' });

let rig: SeveralProfiles;
let world: SimulatedWorld;
openSeveralProfiles((opened) => {
  rig = opened;
  world = opened.world;
});

function records(): readonly object[] {
  const text = world.secret('team')?.metadata.annotations?.[SECRET_ANNOTATIONS.tokens];
  return JSON.parse(text ?? '[]') as readonly object[];
}

describe('a namespace with several profiles', () => {
  it('gets all tokens in one write, with one mint for each', async () => {
    const writes = world.watchWrites();
    await rig.begin(TEN);

    expect(rig.held).toEqual(TEN);
    expect(new Set(TEN.map((name) => rig.authOf(name))).size).toBe(TEN.length);
    expect(TEN.map((name) => rig.callsOf(name))).toEqual(TEN.map(() => 1));
    expect(writes().filter((write) => write.includes('/secrets/'))).toHaveLength(1);
  });

  it('gets only what it may use from its list, whatever else is on it', async () => {
    const forbidden = ['theirs', 'constructor'];
    const profileOf = (host: string) =>
      ['default', 'mine', ...forbidden][Number(host.slice(11, 12))];
    const lines = ['default', 'mine', ...forbidden].map((name, n) => {
      const allowed = forbidden.includes(name) ? 'their-*' : '*';
      return `  ${name}: {registries: [${hostOf(`p${n}`)}], assumeRole: {roleArn: "${roleOf(`p${n}`)}"}, allowedNamespaces: {names: ["${allowed}"]}}\n`;
    });
    const config = `profiles:\n  broken: {registries: [no.registry], allowedNamespaces: {names: ["*"]}}\n${lines.join('')}`;
    // An API server accepts 256 KiB of annotations, including all others.
    const lists = fc
      .sample(profileLists, { numRuns: 200, seed: 1 })
      .map((list) => list.slice(0, 200 * 1024));
    for (const [n, list] of lists.entries()) {
      const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: list };
      world.kubectl.createNamespace(`team-${n}`, annotations);
    }
    await rig.start(config);
    await world.clock.advance(5_000);

    const given = lists.map((_, n) => [...world.auths(`team-${n}`).keys()].map(profileOf));
    for (const [n, profiles] of given.entries()) {
      for (const profile of profiles) {
        expect(forbidden).not.toContain(profile);
        expect(lists[n]?.split(',').map((one) => one.trim())).toContain(profile);
      }
    }
    // Otherwise nothing has been tested.
    expect(given.flat()).not.toEqual([]);
    expect(rig.run.log.messages('error')).toEqual(['profile disabled by a fault']);
    expect(await rig.run.scrape('reconcile_total', { result: 'error' })).toBe(0);
  });

  it('loses at once what it removes from its list, and gets at once what it adds', async () => {
    await rig.begin(['p1', 'p2']);
    const kept = rig.authOf('p1');
    const reads = world.watchReads();
    rig.want('p3', 'p1');
    await world.clock.advance(100);

    expect(rig.held).toEqual(['p1', 'p3']);
    expect(rig.authOf('p1')).toBe(kept);
    expect(reads()).toEqual([]);
  });

  it('shares one token between two profiles with the same role', async () => {
    await rig.begin(['p1', 'p2'], ALL.replace(roleOf('p2'), roleOf('p1')));

    expect(rig.held).toEqual(['p1', 'p2']);
    expect(rig.authOf('p1')).toBe(rig.authOf('p2'));
    expect(records()).toMatchObject([{ profile: 'p1' }, { profile: 'p2' }]);
    expect(world.minter.calls).toHaveLength(1);
  });

  it('uses the first of two profiles with the same registry, whatever order they came in', async () => {
    await rig.begin(['p2', 'p1'], ALL.replace(hostOf('p2'), hostOf('p1')));
    expect(rig.held).toEqual(['p1']);
    expect(world.minter.calls).toHaveLength(1);
    const [message = ''] = rig.eventMessages('RegistryConflict');
    for (const word of ['profile "p1" is not used', '"p2"', hostOf('p1')]) {
      expect(message).toContain(word);
    }

    rig.want('p1', 'p2');
    await world.clock.advance(MINUTE_MS);
    expect(records()).toMatchObject([{ profile: 'p1' }]);
  });
});

it('keeps no token in memory for a profile that left the configuration', async () => {
  await rig.begin(['p1', 'p2']);
  rig.run.config = configOf(['p1']);
  await world.clock.advance(MINUTE_MS);
  rig.run.config = configOf(['p1', 'p2']);
  await world.clock.advance(MINUTE_MS);

  const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1,p2' };
  world.kubectl.createNamespace('newcomer', annotations);
  await world.clock.advance(5_000);

  expect(world.auths('newcomer').size).toBe(2);
  expect([rig.callsOf('p1'), rig.callsOf('p2')]).toEqual([1, 2]);
});

describe('one of several profiles fails', () => {
  it('across a restart: the content is read once, the good one refreshed, the other kept to the byte', async () => {
    await rig.begin(['p1', 'p2']);
    const [good, bad] = [rig.authOf('p1'), rig.authOf('p2')];
    await rig.run.kill();
    await world.clock.advance(8 * HOUR_MS);
    rig.refuse(['p2'], denied);
    const reads = world.watchReads();
    await rig.start();
    await world.clock.advance(HOUR_MS);

    expect(reads()).toEqual([SECRET_PATH]);
    expect(rig.authOf('p2')).toBe(bad);
    expect(rig.authOf('p1')).not.toBe(good);
    expect(rig.callsOf('p1')).toBe(2);
    // At most a minute apart, never in a storm.
    expect(rig.callsOf('p2')).toBeLessThan(140);
    expect(rig.eventMessages('TokenRequestDenied')).toEqual([
      expect.stringMatching(/^profile "p2": can't mint/),
    ]);

    world.minter.heal();
    await world.clock.advance(2 * MINUTE_MS);
    expect(rig.authOf('p2')).not.toBe(bad);
    expect(reads()).toEqual([SECRET_PATH]);
  });

  it('without a restart: its entry is kept from memory, and is dropped when it has expired', async () => {
    await rig.begin(['p1', 'p2']);
    const bad = rig.authOf('p2');
    const [reads, writes] = [world.watchReads(), world.watchWrites()];
    rig.refuse(['p2'], denied);
    await world.clock.advance(8 * HOUR_MS);

    expect(rig.authOf('p2')).toBe(bad);
    expect(rig.callsOf('p1')).toBe(2);
    expect(reads()).toEqual([]);
    expect(writes()).toHaveLength(1);

    await rig.run.stop();
    await world.clock.advance(6 * HOUR_MS);
    await rig.start();
    expect(rig.held).toEqual(['p1']);
    expect(records()).toMatchObject([{ profile: 'p1' }]);
  });

  it('during a restart: nothing is minted for those that are not due, and nothing is read', async () => {
    rig.refuse(['p2'], denied);
    await rig.begin(['p1', 'p2']);
    const reads = world.watchReads();
    const writes = world.watchWrites();
    for (let n = 0; n < 3; n += 1) {
      await rig.restart();
      await world.clock.advance(10 * MINUTE_MS);
    }

    expect(rig.callsOf('p1')).toBe(1);
    expect(reads()).toEqual([]);
    expect(writes()).toEqual([]);
  });

  it('of ten: nine are there, the Event names the tenth and no role, and the tenth is added with its token', async () => {
    world.minter.lifeMs = HOUR_MS;
    rig.refuse(['p7'], denied);
    await rig.begin(TEN);

    expect(rig.held).toEqual(TEN.filter((name) => name !== 'p7'));
    expect(rig.eventMessages('TokenRequestDenied')).toEqual([
      `profile "p7": can't mint an ECR token in eu-west-1: [arn] was denied`,
    ]);
    expect(JSON.stringify(rig.run.log.lines)).toContain(roleOf('p7'));
    await world.clock.advance(65 * MINUTE_MS);
    for (const name of TEN) expect(rig.callsOf(name)).toBeGreaterThanOrEqual(2);
    expect(world.auths('team').size).toBe(9);
    expect(world.isLive('team')).toBe(true);

    world.minter.heal();
    await world.clock.advance(MINUTE_MS);
    expect(rig.held).toEqual(TEN);
  });

  it('and others change the Secret while it is read: it is reconciled again, and nothing is lost', async () => {
    await rig.begin(['p1', 'p2']);
    const bad = rig.authOf('p2');
    await rig.run.kill();
    await world.clock.advance(8 * HOUR_MS);
    rig.refuse(['p2'], denied);
    world.simulator.faults.add({
      effect: { kind: 'conflict' },
      match: ({ method, path }) => method === 'GET' && path === SECRET_PATH,
    });
    const reads = world.watchReads();
    await rig.start();
    await world.clock.advance(MINUTE_MS);

    expect(reads()).toEqual([SECRET_PATH, SECRET_PATH]);
    expect(rig.authOf('p2')).toBe(bad);
    expect(world.auths('team').size).toBe(2);
  });

  it('and two leaders do not outdo each other if it is one of two regions and a request is open', async () => {
    const regions = `profiles: {p1: {registries: [${hostOf('p1')}, ${hostOf('p1').replace('west', 'central')}], allowedNamespaces: {names: ["*"]}}}\n`;
    await rig.begin(['p1'], regions);
    await rig.run.kill();
    const [failing] = identitiesIn(regions, 'p1');
    if (failing !== undefined) world.minter.refuse(failing, awsDown);
    await world.run({ config: regions, reporter: 'pod-2' });
    const old = rig.authOf('p1');
    const writes = world.watchWrites();
    const before = world.minter.calls.length;
    world.annotate('team', { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: 'now' });
    await world.clock.advance(3_000);
    await world.run({ config: regions, reporter: 'pod-3' });
    await world.clock.advance(3 * MINUTE_MS);

    const good = world.minter.calls
      .slice(before)
      .filter(({ identity }) => identity !== failing?.hash);
    expect(good.length).toBeLessThanOrEqual(2);
    expect(writes().filter((write) => write.endsWith(' 200')).length).toBeLessThanOrEqual(2);
    expect(rig.authOf('p1')).toBe(old);
    // The failing entry is from the moment before the request, and new enough for it.
    const { annotations } = world.secret('team')?.metadata ?? {};
    expect(annotations?.[SECRET_ANNOTATIONS.refreshRequestedAt]).toBe('now');
  });

  it('and is reported as failing without a break while the other is minted again', async () => {
    world.minter.lifeMs = HOUR_MS;
    rig.refuse(['p2'], denied);
    await rig.begin(['p1', 'p2']);
    await world.clock.advance(65 * MINUTE_MS);

    expect(rig.callsOf('p1')).toBeGreaterThan(1);
    const logged = rig.run.log.lines.map(({ message }) => message);
    expect(logged.filter((message) => message === 'namespace is stalled')).toHaveLength(1);
    expect(logged).not.toContain('namespace has recovered');
  });
});

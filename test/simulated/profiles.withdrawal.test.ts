/** The whole controller over the simulator: what happens to an entry whose profile is missing or no longer allowed. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { TransientError } from '../../src/domain/errors.ts';
import type { SeenRequest } from '../../simulator/faults.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import {
  ALL,
  type SeveralProfiles,
  TEN,
  configOf,
  hostOf,
  openSeveralProfiles,
} from '../support/simulated/several-profiles.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const SECRET = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
const WITHOUT_P2 = configOf(TEN.filter((name) => name !== 'p2'));
const NOT_P2 = { p2: 'nobody' };
const awsDown = new TransientError('AWS is down', { code: 'ECR_DOWN' });

let rig: SeveralProfiles;
let world: SimulatedWorld;
openSeveralProfiles((opened) => {
  rig = opened;
  world = opened.world;
});

function stamp(): string | undefined {
  return world.secret('team')?.metadata.annotations?.[SECRET_ANNOTATIONS.removalDueAt];
}

describe('an entry of a profile that can’t be used', () => {
  it.each([
    ['is absent', WITHOUT_P2, 'UnknownProfile'],
    ['has a fault', ALL.replace(hostOf('p2'), 'no.registry'), 'InvalidProfile'],
  ])('stays until it expires when it %s, and comes back with it', async (_, config, reason) => {
    world.minter.lifeMs = HOUR_MS;
    await rig.begin(['p1', 'p2']);
    const bad = rig.authOf('p2');
    rig.run.config = config;
    await world.clock.advance(55 * MINUTE_MS);
    expect(rig.authOf('p2')).toBe(bad);
    expect(world.reasons('team')).toContain(reason);

    await world.clock.advance(65 * MINUTE_MS);
    expect(rig.held).toEqual(['p1']);
    expect(rig.callsOf('p2')).toBe(1);

    rig.run.config = ALL;
    await world.clock.advance(MINUTE_MS);
    expect(rig.held).toEqual(['p1', 'p2']);
  });

  it('stays even if expired when it is the only one, and its Secret is not deleted', async () => {
    world.minter.lifeMs = HOUR_MS;
    await rig.begin(['p2']);
    rig.run.config = WITHOUT_P2;
    await world.clock.advance(4 * HOUR_MS);

    expect(rig.held).toEqual(['p2']);
    expect(world.references('team')).toEqual([SECRET_NAME]);
  });

  it('stays even if expired when all profiles are missing, or the others are no longer listed', async () => {
    await rig.begin(['p1', 'p2']);
    const before = world.secret('team');
    await rig.run.stop();
    await world.clock.advance(24 * HOUR_MS);
    await rig.start(configOf(['p3']));
    await world.clock.advance(MINUTE_MS);
    expect(world.secret('team')).toEqual(before);

    rig.want('p2');
    await world.clock.advance(MINUTE_MS);
    expect(rig.held).toEqual(['p2']);
  });
});

describe('an entry of a profile that is withdrawn', () => {
  it('is removed at its time, even if AWS is down and nothing is remembered', async () => {
    await rig.begin(['p1', 'p2', 'p3']);
    const before = world.auths('team');
    rig.refuse(['p1', 'p3'], awsDown);
    await rig.run.kill();
    await world.clock.advance(4 * HOUR_MS);
    await rig.start(configOf(TEN, NOT_P2));
    await world.clock.advance(9 * MINUTE_MS);
    expect(world.auths('team')).toEqual(before);
    expect(stamp()).toMatch(/^p2=2/);

    await world.clock.advance(3 * MINUTE_MS);

    expect(rig.authOf('p2')).toBeUndefined();
    for (const name of ['p1', 'p3']) expect(rig.authOf(name)).toBe(before.get(hostOf(name)));
    expect(rig.callsOf('p2')).toBe(1);
    expect(rig.eventMessages('ProfileWithdrawn')).toEqual([
      expect.stringContaining('profile "p2"'),
    ]);
    expect(world.references('team')).toEqual([SECRET_NAME]);
    expect(stamp()).toBeUndefined();
  });

  it('is removed within a minute of its time, although somebody removes its stamp every second', async () => {
    await rig.begin(['p1', 'p2']);
    rig.run.config = configOf(TEN, NOT_P2);
    await world.advance(11 * MINUTE_MS, {
      everyMs: 1_000,
      find: () => {
        const annotations = { [SECRET_ANNOTATIONS.removalDueAt]: null };
        world.byPeople(() => world.kubectl.annotate(SECRET, annotations));
        return [];
      },
    });

    expect(rig.held).toEqual(['p1']);
    expect(rig.callsOf('p2')).toBe(1);
  });

  it('stays everywhere if too many are withdrawn at once, until the limit is raised', async () => {
    const teams = Array.from({ length: 8 }, (_, n) => `team-${n}`);
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1,p2' };
    for (const name of teams) world.kubectl.createNamespace(name, annotations);
    await rig.start();
    rig.run.config = configOf(TEN, NOT_P2);
    await world.clock.advance(HOUR_MS);

    expect(await rig.run.readState()).toMatchObject({
      removalsPending: 8,
      isRemovalBrakeEngaged: true,
    });
    for (const name of teams) expect(world.auths(name).size).toBe(2);

    rig.run.config = configOf(TEN, NOT_P2, '{gracePeriod: 10m, maxPerTenMinutes: 8}');
    await world.clock.advance(3 * MINUTE_MS);
    for (const name of teams) expect([...world.auths(name).keys()]).toEqual([hostOf('p1')]);
    expect(await rig.run.readState()).toMatchObject({
      removalsPending: 0,
      isRemovalBrakeEngaged: false,
    });
  });

  it('goes where it can, although too many others are in Secrets that somebody made immutable', async () => {
    const stuck = Array.from({ length: 6 }, (_, n) => `stuck-${n}`);
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1,p2' };
    for (const name of [...stuck, 'other']) world.kubectl.createNamespace(name, annotations);
    await rig.start();
    for (const namespace of stuck) {
      const target = { kind: 'Secret', namespace, name: SECRET_NAME } as const;
      world.byPeople(() => world.kubectl.patch(target, { immutable: true }));
    }
    rig.run.config = configOf(TEN, NOT_P2);
    await world.clock.advance(14 * MINUTE_MS);
    world.ignoreViolations(': 422');

    expect([...world.auths('other').keys()]).toEqual([hostOf('p1')]);
    for (const name of stuck) expect(world.auths(name).size).toBe(2);
    expect(await rig.run.readState()).toMatchObject({
      removalsPending: 0,
      isRemovalBrakeEngaged: false,
    });
  });

  it('is removed with its Secret if nothing else is in it, and unlisted entries are removed first', async () => {
    await rig.begin(['p1', 'p2']);
    rig.run.config = configOf(TEN, NOT_P2);
    await world.clock.advance(MINUTE_MS);
    rig.want('p2');
    await world.clock.advance(MINUTE_MS);
    expect(rig.held).toEqual(['p2']);

    await world.clock.advance(11 * MINUTE_MS);
    expect(world.secret('team')).toBeUndefined();
  });

  it('stays if a live read shows that the namespace may use it again', async () => {
    const onlyFriends = ALL.replace(
      `role/puller"}, allowedNamespaces: {names: ["*"]}}\n  p3`,
      `role/puller"}, allowedNamespaces: {selector: {matchLabels: {friend: "yes"}}}}\n  p3`,
    );
    await rig.begin(['p1', 'p2']);
    rig.run.config = onlyFriends;
    await world.clock.advance(9 * MINUTE_MS);
    expect(stamp()).toMatch(/^p2=2/);
    const match = ({ query }: SeenRequest) => query.includes('watch=true');
    world.simulator.faults.add({ times: Infinity, effect: { kind: 'withhold-events' }, match });
    for (const watch of world.simulator.openWatches) watch.withholdEvents();
    const friends = { metadata: { labels: { friend: 'yes' } } };
    world.kubectl.patch({ kind: 'Namespace', name: 'team' }, friends);
    await world.clock.advance(5 * MINUTE_MS);

    expect(rig.held).toEqual(['p1', 'p2']);
  });

  describe('during its grace period', () => {
    const config = configOf(TEN, NOT_P2, '{gracePeriod: 24h}');
    beforeEach(async () => {
      await rig.begin(['p1', 'p2'], config.replace('nobody', '*'));
      rig.run.config = config;
      await world.clock.advance(MINUTE_MS);
    });

    it('gets no new token, although the others do', async () => {
      const [good, withdrawn] = [rig.authOf('p1'), rig.authOf('p2')];
      await world.clock.advance(8 * HOUR_MS);

      expect(rig.authOf('p1')).not.toBe(good);
      expect(rig.authOf('p2')).toBe(withdrawn);
      expect(rig.callsOf('p2')).toBe(1);
    });

    it('is not restored from memory if somebody has removed its content in our name', async () => {
      const { labels, annotations } = world.secret('team')?.metadata ?? {};
      const { [SECRET_ANNOTATIONS.removalDueAt]: _, ...ours } = annotations ?? {};
      const left = { auths: { [hostOf('p1')]: { auth: rig.authOf('p1') } } };
      const forged = {
        type: 'kubernetes.io/dockerconfigjson',
        metadata: { name: SECRET_NAME, labels, annotations: ours },
        data: { '.dockerconfigjson': btoa(JSON.stringify(left)) },
      };
      world.kubectl.apply(SECRET, forged, { manager: 'ecr-pull-secrets', force: true });
      await world.clock.advance(8 * HOUR_MS);

      expect(rig.callsOf('p1')).toBe(2);
      expect(rig.held).toEqual(['p1']);
    });
  });
});

/** The whole controller over the simulator, with several profiles in one namespace: what one does is not the others' loss. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { StalledError, TransientError } from '../../src/domain/errors.ts';
import type { SimulatedController } from '../support/simulated-controller.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/builders.ts';
import { identitiesIn } from '../support/config-text.ts';
import { lightenTests } from '../support/lighten-tests.ts';
import { OPTED_IN, SimulatedWorld } from '../support/simulated-world.ts';

lightenTests();

const TEN = Array.from({ length: 10 }, (_, n) => `p${n}`);
const SECRET_PATH = `/api/v1/namespaces/team/secrets/${SECRET_NAME}`;

function hostOf(profile: string): string {
  return `${profile.slice(1).padStart(12, '1')}.dkr.ecr.eu-west-1.amazonaws.com`;
}

/** Each with a registry and a role of its own. */
function configOf(
  names: readonly string[],
  allowed: (name: string) => string = () => '*',
  removal = '{gracePeriod: 10m}',
): string {
  const profiles = names.map(
    (name) =>
      `  ${name}: {registries: [${hostOf(name)}], assumeRole: {roleArn: "arn:aws:iam::${hostOf(name).slice(0, 12)}:role/puller"}, allowedNamespaces: {names: ["${allowed(name)}"]}}\n`,
  );
  return `profiles:\n${profiles.join('')}removal: ${removal}\n`;
}

const config = configOf(TEN);
const denied = (): StalledError =>
  new StalledError('minting ECR token in eu-west-1: sts:AssumeRole was denied', {
    code: 'STS_DENIED',
    eventReason: 'TokenRequestDenied',
  });
const awsDown = (): TransientError => new TransientError('AWS is down', { code: 'ECR_DOWN' });

describe('several profiles on the simulator', () => {
  let world: SimulatedWorld;
  let run: SimulatedController;

  beforeEach(async () => {
    world = await SimulatedWorld.open();
  });
  afterEach(async () => {
    await world.close();
    expect(world.misdeeds()).toEqual([]);
    expect(world.clock.pending).toBe(0);
    expect(world.simulator.openWatches).toEqual([]);
  });

  async function begin(profiles: readonly string[], text = config): Promise<void> {
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: profiles.join() };
    world.kubectl.createNamespace('team', annotations);
    run = await world.run({ config: text });
  }

  async function restart(text = config): Promise<void> {
    await run.kill();
    run = await world.run({ config: text });
  }

  function refuse(profile: string, error: Error = denied()): void {
    for (const identity of identitiesIn(config, profile)) world.minter.refuse(identity, error);
  }

  function callsOf(profile: string): number {
    const hashes = identitiesIn(config, profile).map(({ hash }) => hash);
    return world.minter.calls.filter(({ identity }) => hashes.includes(identity)).length;
  }

  function authOf(profile: string): string | undefined {
    return world.auths('team').get(hostOf(profile));
  }

  function toldOf(reason: string): readonly string[] {
    const events = world.kubectl.list('Event').filter((event) => event['reason'] === reason);
    return events.map((event) => String(event['message']));
  }

  it('one of two fails across a restart: the content is read once, the good one refreshed, the other kept to the byte', async () => {
    await begin(['p1', 'p2']);
    const [good, bad] = [authOf('p1'), authOf('p2')];
    await run.kill();
    await world.clock.advance(8 * HOUR_MS);
    refuse('p2');
    const reads = world.watchReads();
    await restart();
    await world.clock.advance(HOUR_MS);

    expect(reads()).toEqual([SECRET_PATH]);
    expect(authOf('p2')).toBe(bad);
    expect(authOf('p1')).not.toBe(good);
    expect(callsOf('p1')).toBe(2);
    // A minute apart at the most, never in a storm.
    expect(callsOf('p2')).toBeLessThan(140);
    expect(toldOf('TokenRequestDenied')).toEqual([expect.stringMatching(/^profile "p2": minting/)]);

    world.minter.heal();
    await world.clock.advance(2 * MINUTE_MS);
    expect(authOf('p2')).not.toBe(bad);
    expect(reads()).toEqual([SECRET_PATH]);
  });

  it('a restart while one fails mints nothing for those that are not due, and reads nothing', async () => {
    refuse('p2');
    await begin(['p1', 'p2']);
    const reads = world.watchReads();
    const writes = world.watchWrites();
    for (let n = 0; n < 3; n += 1) {
      await restart();
      await world.clock.advance(10 * MINUTE_MS);
    }

    expect(callsOf('p1')).toBe(1);
    expect(reads()).toEqual([]);
    expect(writes()).toEqual([]);
  });

  it('one role among ten is denied: nine are there, and the Event names the tenth', async () => {
    refuse('p7');
    await begin(TEN);

    expect([...world.auths('team').keys()].sort()).toEqual(
      TEN.filter((name) => name !== 'p7').map(hostOf),
    );
    expect(toldOf('TokenRequestDenied')).toEqual([
      'profile "p7": minting ECR token in eu-west-1: sts:AssumeRole was denied',
    ]);
    await world.clock.advance(13 * HOUR_MS);
    for (const name of TEN) expect(callsOf(name)).toBeGreaterThanOrEqual(2);
    expect(world.auths('team').size).toBe(9);
    expect(world.isLive('team')).toBe(true);
  });

  it('a withdrawn one goes when its time has come, though AWS is down and nothing is remembered', async () => {
    await begin(['p1', 'p2', 'p3']);
    const before = world.auths('team');
    for (const name of ['p1', 'p3']) refuse(name, awsDown());
    const without = configOf(TEN, (name) => (name === 'p2' ? 'nobody' : '*'));
    await run.kill();
    await world.clock.advance(4 * HOUR_MS);
    await restart(without);
    await world.clock.advance(9 * MINUTE_MS);
    expect(world.auths('team')).toEqual(before);
    const stamp = world.secret('team')?.metadata.annotations?.[SECRET_ANNOTATIONS.removalDueAt];
    expect(stamp).toMatch(/^p2=2/);

    await world.clock.advance(3 * MINUTE_MS);

    expect(authOf('p2')).toBeUndefined();
    for (const name of ['p1', 'p3']) expect(authOf(name)).toBe(before.get(hostOf(name)));
    expect(callsOf('p2')).toBe(1);
    expect(toldOf('ProfileWithdrawn')).toHaveLength(1);
    expect(world.entries('team')).toEqual([SECRET_NAME]);
    const { annotations } = world.secret('team')?.metadata ?? {};
    expect(annotations?.[SECRET_ANNOTATIONS.removalDueAt]).toBeUndefined();
  });

  it('withdrawals of too many at once stop the brake, and nobody loses anything', async () => {
    const teams = Array.from({ length: 8 }, (_, n) => `team-${n}`);
    const annotations = { ...OPTED_IN, [NAMESPACE_ANNOTATIONS.profiles]: 'p1,p2' };
    for (const name of teams) world.kubectl.createNamespace(name, annotations);
    run = await world.run({ config });
    run.config = configOf(TEN, (name) => (name === 'p2' ? 'nobody' : '*'));
    await world.clock.advance(HOUR_MS);

    expect(run.state).toMatchObject({ removalsPending: 8, isRemovalBrakeEngaged: true });
    for (const name of teams) expect(world.auths(name).size).toBe(2);

    run.config = configOf(
      TEN,
      (name) => (name === 'p2' ? 'nobody' : '*'),
      '{gracePeriod: 10m, maxPerTenMinutes: 8}',
    );
    await world.clock.advance(3 * MINUTE_MS);
    for (const name of teams) expect([...world.auths(name).keys()]).toEqual([hostOf('p1')]);
    expect(run.state).toMatchObject({ removalsPending: 0, isRemovalBrakeEngaged: false });
  });

  it('an absent one stays until it expires, and comes back with the configuration', async () => {
    await begin(['p1', 'p2']);
    const bad = authOf('p2');
    run.config = configOf(TEN.filter((name) => name !== 'p2'));
    await world.clock.advance(11 * HOUR_MS);
    expect(authOf('p2')).toBe(bad);
    expect(world.reasons('team')).toContain('UnknownProfile');

    await world.clock.advance(13 * HOUR_MS);
    expect([...world.auths('team').keys()]).toEqual([hostOf('p1')]);
    expect(callsOf('p2')).toBe(1);

    run.config = config;
    await world.clock.advance(MINUTE_MS);
    expect(world.auths('team').size).toBe(2);
  });

  it('an only one stays though expired, and its Secret is not deleted', async () => {
    await begin(['p2']);
    run.config = configOf(TEN.filter((name) => name !== 'p2'));
    await world.clock.advance(48 * HOUR_MS);

    expect([...world.auths('team').keys()]).toEqual([hostOf('p2')]);
    expect(world.entries('team')).toEqual([SECRET_NAME]);
  });

  it('two that list the same registry: the first is used, whatever order they came in', async () => {
    const twice = config.replace(hostOf('p2'), hostOf('p1'));
    await begin(['p2', 'p1'], twice);
    expect([...world.auths('team').keys()]).toEqual([hostOf('p1')]);
    expect(toldOf('RegistryConflict')[0]).toContain('profile "p1" is not used');

    world.annotate('team', { [NAMESPACE_ANNOTATIONS.profiles]: 'p1,p2' });
    await world.clock.advance(MINUTE_MS);
    const records = world.secret('team')?.metadata.annotations?.[SECRET_ANNOTATIONS.tokens];
    expect(JSON.parse(records ?? '[]')).toMatchObject([{ profile: 'p1' }]);
  });

  it('a change by others while the content is read costs another look, and nothing is lost', async () => {
    await begin(['p1', 'p2']);
    const bad = authOf('p2');
    await run.kill();
    await world.clock.advance(8 * HOUR_MS);
    refuse('p2');
    world.simulator.faults.add({
      effect: { kind: 'conflict' },
      match: ({ method, path }) => method === 'GET' && path === SECRET_PATH,
    });
    const reads = world.watchReads();
    await restart();
    await world.clock.advance(MINUTE_MS);

    expect(reads()).toEqual([SECRET_PATH, SECRET_PATH]);
    expect(authOf('p2')).toBe(bad);
    expect(world.auths('team').size).toBe(2);
  });

  it('two that both lead do not outdo each other where one of two regions fails and a request is open', async () => {
    const regions = `profiles: {p1: {registries: [${hostOf('p1')}, ${hostOf('p1').replace('west', 'central')}], allowedNamespaces: {names: ["*"]}}}\n`;
    await begin(['p1'], regions);
    await run.kill();
    const [failing] = identitiesIn(regions, 'p1');
    if (failing !== undefined) world.minter.refuse(failing, awsDown());
    await world.run({ config: regions, reporter: 'pod-2' });
    const old = world.auths('team').get(hostOf('p1'));
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
    expect(world.auths('team').get(hostOf('p1'))).toBe(old);
    // The entry of the failing one is of the moment before the request, and new enough for it.
    const { annotations } = world.secret('team')?.metadata ?? {};
    expect(annotations?.[SECRET_ANNOTATIONS.refreshRequestedAt]).toBe('now');
  });

  it('one that fails is told as failing without a break while the other is minted anew', async () => {
    refuse('p2');
    await begin(['p1', 'p2']);
    await world.clock.advance(13 * HOUR_MS);

    expect(callsOf('p1')).toBeGreaterThan(1);
    const told = run.log.lines.map(({ message }) => message);
    expect(told.filter((message) => message === 'namespace is stalled')).toHaveLength(1);
    expect(told).not.toContain('namespace has recovered');
  });
});

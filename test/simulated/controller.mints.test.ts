/** The whole controller over the simulator: what happens while a token is being minted. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TokenMinter } from '../../src/controller/ports/token-minter.ts';
import { NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { HOST } from '../support/values/config-text.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedController } from '../support/simulated/simulated-controller.ts';
import { OPTED_IN, type SimulatedWorld, writesTo } from '../support/simulated/simulated-world.ts';

const TEAM = { kind: 'Namespace', name: 'team' } as const;
const OTHER_HOST = HOST.replace('123456789012', '222222222222');
const CONFIG = `profiles:
  default: {registries: [${HOST}]}
  other: {registries: [${OTHER_HOST}], assumeRole: {roleArn: "arn:aws:iam::222222222222:role/puller"}, allowedNamespaces: {names: ["*"]}}
`;

let world: SimulatedWorld;
let run: SimulatedController;
openWorlds((opened) => {
  world = opened;
});

/** Tokens that AWS issues at once, but whose answers arrive only when `arrive` is called. */
function lateAnswers() {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const minter: TokenMinter = {
    async mint(identity, signal) {
      const token = await world.minter.mint(identity, signal);
      await arrived;
      return token;
    },
  };
  return { minter, arrive };
}

/** The hosts in each version of the Secret since the start. */
function everWritten(): readonly string[] {
  return world.simulator.changes
    .filter(({ resource, key }) => resource === 'secrets' && key.startsWith('team/'))
    .map(({ object }) => atob(String(Object.values(object['data'] ?? {})[0])))
    .map((text) => (text.match(/"[^"]+(?=":{"auth")/g) ?? []).join());
}

describe('a namespace whose token is being minted', () => {
  beforeEach(async () => {
    run = await world.run({ config: CONFIG });
    // The configuration is read again at 15 s, and a mint is given up after 10 s.
    await world.clock.advance(10_000);
    world.minter.hang();
    world.optIn('team');
    await world.clock.advance(500);
    expect(world.references('team')).toEqual([SECRET_NAME]);
  });

  const changed = async (change: () => void) => {
    change();
    await world.clock.advance(4_000);
    world.minter.release();
    await world.clock.advance(MINUTE_MS);
  };

  it.each<[string, () => void]>([
    [
      'may no longer use its profile',
      () => {
        run.config = CONFIG.replace(']}', '], allowedNamespaces: {names: [x]}}');
      },
    ],
    ['opts out', () => world.annotate('team', { [NAMESPACE_ANNOTATIONS.enabled]: 'false' })],
    ['goes', () => world.kubectl.delete(TEAM)],
  ])('gets no Secret when it %s', async (_, change) => {
    await changed(change);

    expect(everWritten()).toEqual([]);
  });

  it('gets its Secret as a new namespace when it is re-created', async () => {
    await changed(() => {
      world.kubectl.delete(TEAM);
      world.clock.after(1_000, () => world.optIn('team'));
    });

    expect(world.unready(['team'])).toEqual([]);
    expect(everWritten()).toHaveLength(1);
    const { uid } = world.kubectl.get(TEAM)?.metadata ?? {};
    const [created] = world.kubectl.list('Event');
    expect(created).toMatchObject({ reason: 'PullSecretCreated', involvedObject: { uid } });
  });

  it('gets its Secret by the configuration at that time', async () => {
    const edited = HOST.replace('123456789012', '333333333333');
    await changed(() => {
      run.config = CONFIG.replace(HOST, edited);
    });

    expect(everWritten()).toEqual([`"${edited}`]);
    expect(world.minter.calls).toHaveLength(1);
  });

  it('gets only this token when it requests a refresh, because it is new enough', async () => {
    await changed(() =>
      world.annotate('team', { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: '2' }),
    );

    expect(world.unready(['team'])).toEqual([]);
    expect(world.secret('team')?.metadata.annotations).toMatchObject({
      [SECRET_ANNOTATIONS.refreshRequestedAt]: '2',
    });
    expect(world.minter.calls).toHaveLength(1);
  });
});

describe('a token that arrives before the pass that requested it ends', () => {
  it('is written right after that', async () => {
    await world.run();
    world.kubectl.createNamespace('team');
    await world.clock.advance(100);
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 500 },
      match: writesTo('/serviceaccounts/'),
    });
    world.annotate('team', OPTED_IN);
    await world.clock.advance(400);
    expect(world.minter.calls).toHaveLength(1);
    expect(world.minter.inFlight).toBe(0);
    expect(world.secret('team')).toBeUndefined();

    await world.clock.advance(200);
    expect(world.unready(['team'])).toEqual([]);
  });
});

describe('a token that arrives late', () => {
  it('is not written if another leader has written one in the meantime', async () => {
    const { minter, arrive } = lateAnswers();
    await world.run({ minter, reporter: 'pod-1' });
    world.optIn('team');
    await world.clock.advance(500);
    await world.run({ reporter: 'pod-2' });
    expect(world.tokenNumber('team')).toBe(2);
    const writes = world.watchWrites();
    arrive();
    await world.clock.advance(MINUTE_MS);

    expect(writes()).toEqual([]);
  });

  it('is not written if another leader has refreshed the Secret in the meantime', async () => {
    world.optIn('team');
    const first = await world.run();
    await first.stop();
    await world.clock.advance(6 * HOUR_MS);
    const { minter, arrive } = lateAnswers();
    await world.run({ minter, reporter: 'pod-1' });
    await world.run({ reporter: 'pod-2' });
    expect(world.tokenNumber('team')).toBe(3);
    const writes = world.watchWrites();
    arrive();
    await world.clock.advance(MINUTE_MS);

    expect(writes()).toEqual([]);
  });

  it('serves every namespace, although each write takes a while and the clock was set back', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `team-${n}`);
    world.jump(3 * HOUR_MS);
    world.optIn(...names);
    const { minter } = world;
    const late: TokenMinter = {
      async mint(identity, signal) {
        const token = await minter.mint(identity, signal);
        await new Promise<void>((resolve) => {
          world.clock.after(50, resolve);
        });
        return token;
      },
    };
    await world.run({ minter: late });
    world.jump(-3 * HOUR_MS);
    world.simulator.faults.add({
      times: Infinity,
      effect: { kind: 'delay', delayMs: 500 },
      match: ({ method, path }) => method === 'PATCH' && path.includes('/secrets/'),
    });
    const writes = world.watchWrites();
    await world.clock.advance(2 * MINUTE_MS);

    expect(new Set(names.map((name) => world.tokenNumber(name)))).toEqual(new Set([2]));
    expect(writes()).toHaveLength(names.length);
    expect(minter.calls).toHaveLength(2);
  });
});

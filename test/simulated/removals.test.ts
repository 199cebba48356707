/** The whole controller over the simulator: removals that somebody tries to put off. */
import { describe, expect, it } from '@jest/globals';
import { SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { sumOf } from '../support/values/sum-of.ts';
import { OPTED_IN, OPTED_OUT, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const GRACE_MS = 10 * MINUTE_MS;
const DUE_AT = SECRET_ANNOTATIONS.removalDueAt;

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** Does the same every second for this long; returns after how many seconds the namespace has no Secret. */
async function untilGone(
  namespace: string,
  forMs: number,
  everySecond: () => void,
): Promise<number | undefined> {
  for (let second = 0; second < forMs / 1_000; second += 1) {
    if (world.secret(namespace) === undefined) return second;
    world.byPeople(everySecond);
    await world.clock.advance(1_000);
  }
  return undefined;
}

function setStamp(namespace: string, value: string | null): void {
  const target = { kind: 'Secret', namespace, name: SECRET_NAME } as const;
  if (world.secret(namespace) !== undefined) world.kubectl.annotate(target, { [DUE_AT]: value });
}

/** Grace and a minute. */
const IN_TIME_S = (GRACE_MS + MINUTE_MS) / 1_000;

describe('a removal comes within a minute of its time', () => {
  const far = new Date(Date.UTC(2030)).toISOString();
  it.each<readonly [string, () => void]>([
    ['removes its stamp', () => setStamp('team', null)],
    ['moves its stamp', () => setStamp('team', far)],
    ['makes its stamp unreadable', () => setStamp('team', 'never')],
    [
      'attaches the ServiceAccount again',
      () => {
        const target = { kind: 'ServiceAccount', namespace: 'team', name: 'default' } as const;
        world.kubectl.patch(target, { imagePullSecrets: [{ name: SECRET_NAME }] });
      },
    ],
  ])('although somebody %s every second', async (_, everySecond) => {
    world.optIn('team');
    await world.run();
    world.annotate('team', OPTED_OUT);
    const calls = world.minter.calls.length;

    expect(await untilGone('team', HOUR_MS, everySecond)).toBeLessThanOrEqual(IN_TIME_S);
    expect(world.minter.calls).toHaveLength(calls);
  });

  it('although somebody has filled the annotations, so that the server refuses every stamp', async () => {
    world.optIn('team');
    await world.run();
    const { annotations = {} } = world.secret('team')?.metadata ?? {};
    const size = sumOf(Object.entries(annotations).map(([key, text]) => key.length + text.length));
    const target = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
    const filling = 'x'.repeat(256 * 1024 - size - 'filling'.length);
    world.byPeople(() => world.kubectl.annotate(target, { filling }));
    world.annotate('team', OPTED_OUT);

    expect(await untilGone('team', HOUR_MS, () => undefined)).toBeLessThanOrEqual(IN_TIME_S);
    world.ignoreViolations(': 422');
  });

  it('again and again, at once, if somebody forges the Secret with our Apply entry', async () => {
    world.optIn('team');
    const run = await world.run();
    const { labels, annotations } = world.secret('team')?.metadata ?? {};
    const forged = {
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: SECRET_NAME, labels, annotations },
      data: { '.dockerconfigjson': btoa('{"auths":{}}') },
    };
    const target = { kind: 'Secret', namespace: 'team', name: SECRET_NAME } as const;
    world.annotate('team', OPTED_OUT);
    await world.clock.advance(GRACE_MS + MINUTE_MS);
    expect(world.secret('team')).toBeUndefined();

    for (let round = 0; round < 5; round += 1) {
      world.byPeople(() => world.kubectl.apply(target, forged, { manager: 'ecr-pull-secrets' }));
      await world.clock.advance(MINUTE_MS);
      expect(world.secret('team')).toBeUndefined();
    }
    expect(await run.readState()).toMatchObject({
      removalsPending: 0,
      isRemovalBrakeEngaged: false,
    });
    expect(world.minter.calls).toHaveLength(1);
  });

  it('so that six who remove their stamps hold up nobody else', async () => {
    const strippers = Array.from({ length: 6 }, (_, n) => `stripper-${n}`);
    const honest = Array.from({ length: 34 }, (_, n) => `team-${n}`);
    world.optIn(...strippers, ...honest);
    const run = await world.run();
    for (let minute = 0; minute < 45; minute += 1) {
      const next = strippers[minute / 5];
      if (next !== undefined) world.annotate(next, OPTED_OUT);
      for (let second = 0; second < 60; second += 1) {
        // Those that are opted in have no stamp.
        world.byPeople(() => strippers.forEach((name) => setStamp(name, null)));
        await world.clock.advance(1_000);
      }
      expect(await run.readState()).toMatchObject({ isRemovalBrakeEngaged: false });
    }
    expect(strippers.filter((name) => world.secret(name) !== undefined)).toEqual([]);

    world.annotate('team-20', OPTED_OUT);
    await world.clock.advance(GRACE_MS + MINUTE_MS);
    expect(world.secret('team-20')).toBeUndefined();
  });

  it('but not before the end of the grace period that begins with its first stamp', async () => {
    world.optIn('team');
    await world.run();
    const body = { kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409 };
    const end = world.simulator.faults.add({
      effect: { kind: 'answer', status: 409, body },
      match: ({ method, path }) => method === 'PATCH' && path.includes('/secrets/'),
      times: Infinity,
    });
    world.annotate('team', OPTED_OUT);
    await world.clock.advance(GRACE_MS / 2);
    end();
    await world.clock.advance(GRACE_MS - MINUTE_MS);
    expect(world.secret('team')).toBeDefined();
    await world.clock.advance(3 * MINUTE_MS);
    expect(world.secret('team')).toBeUndefined();
  });

  it('unless the namespace opts in again, which gives the whole grace period to the next one', async () => {
    world.optIn('team');
    await world.run();
    world.annotate('team', OPTED_OUT);
    await untilGone('team', GRACE_MS - MINUTE_MS, () => setStamp('team', null));
    world.annotate('team', OPTED_IN);
    await world.clock.advance(HOUR_MS);
    expect(world.unready(['team'])).toEqual([]);

    world.annotate('team', OPTED_OUT);
    await world.clock.advance(GRACE_MS - MINUTE_MS);
    expect(world.secret('team')).toBeDefined();
    await world.clock.advance(2 * MINUTE_MS);
    expect(world.secret('team')).toBeUndefined();
  });
});

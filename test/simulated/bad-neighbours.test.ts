/** Namespaces that hang, fail or are huge cost the others at most a bounded delay. */
import { describe, expect, it } from '@jest/globals';
import { SECRET_NAME } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { FaultEffect } from '../../simulator/faults.ts';
import type { SimulatedWorld } from '../support/simulated/simulated-world.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const MOST_MS = 2 * SECOND_MS;
const WEBHOOK_FAILED: FaultEffect = {
  kind: 'answer',
  status: 500,
  body: {
    kind: 'Status',
    status: 'Failure',
    reason: 'InternalError',
    message: 'failed calling webhook "slow.example": context deadline exceeded',
    code: 500,
  },
};

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

/** A webhook that hangs for the Secrets of the bad namespaces and then fails; returns how to end it. */
function hangSecrets(hangMs: number): () => void {
  const match = ({ method, path }: { readonly method: string; readonly path: string }) =>
    method === 'PATCH' && /\/namespaces\/bad-\d+\/secrets\//.test(path);
  const lifts = [{ kind: 'delay', delayMs: hangMs } as const, WEBHOOK_FAILED].map((effect) =>
    world.simulator.faults.add({ times: Infinity, match, effect }),
  );
  return () => lifts.forEach((lift) => lift());
}

function bad(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `bad-${n}`);
}

/** How long the namespaces take to become ready, in steps of 100 ms. */
async function readyAfterMs(names: readonly string[], limitMs = MINUTE_MS): Promise<number> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 100) {
    if (world.unready(names).length === 0) return waitedMs;
    await world.clock.advance(100);
  }
  return limitMs;
}

describe('while a webhook hangs', () => {
  it.each([
    [200, 10, 10],
    [1000, 30, 2],
  ])(
    'for %i namespaces, %i s each time, a new namespace and a repair wait no longer %i minutes later',
    async (count, hangS, minutes) => {
      hangSecrets(hangS * SECOND_MS);
      await world.run();
      world.optIn('well', ...bad(count), 'with-them');
      expect(await readyAfterMs(['well', 'with-them'])).toBeLessThanOrEqual(MOST_MS);
      await world.clock.advance(minutes * MINUTE_MS);

      for (let n = 0; n < 5; n += 1) {
        world.optIn(`new-${n}`);
        expect(await readyAfterMs([`new-${n}`])).toBeLessThanOrEqual(MOST_MS);
        world.kubectl.delete({ kind: 'Secret', namespace: 'well', name: SECRET_NAME });
        expect(await readyAfterMs(['well'])).toBeLessThanOrEqual(MOST_MS);
        // More repairs in five minutes would be damped.
        await world.clock.advance(101 * SECOND_MS);
      }
    },
  );

  it.each([
    [200, 4],
    [1000, 10],
  ])('one that opts in in the middle of %i waits for %i s at most', async (count, seconds) => {
    hangSecrets(30 * SECOND_MS);
    await world.run();
    const crowd = bad(count);
    world.optIn(...crowd.slice(0, count / 2), 'middle', ...crowd.slice(count / 2));

    expect(await readyAfterMs(['middle'])).toBeLessThanOrEqual(seconds * SECOND_MS);
  });

  it('a new leader serves a new namespace and a repair in time', async () => {
    hangSecrets(30 * SECOND_MS);
    const first = await world.run();
    world.optIn('well', ...bad(1000));
    await world.clock.advance(2 * MINUTE_MS);
    const killed = first.kill();
    await world.clock.advance(SECOND_MS);
    await killed;
    await world.run();

    world.optIn('new');
    expect(await readyAfterMs(['new'])).toBeLessThanOrEqual(MOST_MS);
    world.kubectl.delete({ kind: 'Secret', namespace: 'well', name: SECRET_NAME });
    expect(await readyAfterMs(['well'])).toBeLessThanOrEqual(MOST_MS);
  });

  it('no token of the others expires, and afterwards all is well within a minute', async () => {
    world.minter.lifeMs = 10 * MINUTE_MS;
    const lift = hangSecrets(30 * SECOND_MS);
    const well = Array.from({ length: 200 }, (_, n) => `well-${n}`);
    await world.run();
    world.optIn(...well);
    await world.clock.advance(MINUTE_MS);
    world.optIn(...bad(400));
    const find = () => world.unready(well);
    expect(await world.advance(40 * MINUTE_MS, { everyMs: 30 * SECOND_MS, find })).toEqual([]);

    lift();
    expect(await readyAfterMs(bad(400), 2 * MINUTE_MS)).toBeLessThanOrEqual(MINUTE_MS);
  });
});

it.each([3, 5, 7, 12])(
  'who only waits for the request budget is not slow: a crowd that is refused holds up no repair %i s later',
  async (laterS) => {
    await world.run({ config: 'kubernetes: {qps: 10, burst: 10}' });
    world.optIn('well');
    expect(await readyAfterMs(['well'])).toBeLessThanOrEqual(MOST_MS);
    world.simulator.faults.add({
      times: Infinity,
      match: ({ method, path }) => method === 'PATCH' && path.includes('/namespaces/bad-'),
      effect: WEBHOOK_FAILED,
    });
    world.optIn(...bad(90));
    await world.clock.advance(laterS * SECOND_MS);

    world.kubectl.delete({ kind: 'Secret', namespace: 'well', name: SECRET_NAME });
    expect(await readyAfterMs(['well'])).toBeLessThanOrEqual(10 * SECOND_MS);
  },
);

describe('while namespaces have many ServiceAccounts', () => {
  function addAccounts(namespace: string, count: number): void {
    for (let n = 0; n < count; n += 1) {
      world.kubectl.createServiceAccount(namespace, `account-${n}`);
    }
  }

  it('sixteen with 300 each do not hold up a new one', async () => {
    await world.run();
    const huge = Array.from({ length: 16 }, (_, n) => `huge-${n}`);
    for (const name of huge) {
      world.kubectl.createNamespace(name, {});
      addAccounts(name, 300);
    }
    await world.clock.advance(SECOND_MS);
    for (const name of huge) world.annotate(name, { 'ecr-pull-secrets.io/enabled': 'true' });
    await world.clock.advance(5 * SECOND_MS);

    world.optIn('new');
    expect(await readyAfterMs(['new'])).toBeLessThanOrEqual(MOST_MS);
  });
});

it('removals that the brake holds back give their places back while their dry runs hang', async () => {
  const leaving = Array.from({ length: 24 }, (_, n) => `leaving-${n}`);
  const asked = new Set<string>();
  await world.run({ config: 'removal: {gracePeriod: 1s}' });
  world.optIn(...leaving);
  await world.clock.advance(MINUTE_MS);
  world.simulator.faults.add({
    times: Infinity,
    match: ({ path, query }) => {
      const isDryRun = query.includes('dryRun');
      if (isDryRun) asked.add(path);
      return isDryRun;
    },
    effect: { kind: 'hang' },
  });
  for (const name of leaving) world.annotate(name, { 'ecr-pull-secrets.io/enabled': 'false' });

  await world.clock.advance(5 * SECOND_MS);
  expect(asked.size).toBe(leaving.length);
});

it('a removal makes progress although the budget makes it wait', async () => {
  const names = Array.from({ length: 40 }, (_, n) => `team-${n}`);
  await world.run({
    config: 'kubernetes: {qps: 5, burst: 5}\nremoval: {gracePeriod: 1m, maxPerTenMinutes: 100}',
  });
  world.optIn(...names);
  await world.clock.advance(2 * MINUTE_MS);
  expect(world.unready(names)).toEqual([]);

  for (const name of names) world.annotate(name, { 'ecr-pull-secrets.io/enabled': 'false' });
  await world.clock.advance(5 * MINUTE_MS);
  expect(names.filter((name) => world.secret(name) !== undefined)).toEqual([]);
});

it('a webhook that asks a few namespaces to wait does not hold up the others', async () => {
  const body = {
    kind: 'Status',
    status: 'Failure',
    reason: 'TooManyRequests',
    message: 'admission webhook "quota.example" denied the request: later',
    details: { retryAfterSeconds: 30 },
    code: 429,
  };
  world.simulator.faults.add({
    times: Infinity,
    match: ({ method, path }) =>
      method === 'PATCH' && /\/namespaces\/bad-\d+\/(secrets|serviceaccounts)\//.test(path),
    effect: { kind: 'answer', status: 429, retryAfterSeconds: 30, body },
  });
  await world.run();
  world.optIn(...bad(5));
  await world.clock.advance(10 * MINUTE_MS);

  for (let n = 0; n < 10; n += 1) {
    world.optIn(`new-${n}`);
    expect(await readyAfterMs([`new-${n}`])).toBeLessThanOrEqual(MOST_MS);
    await world.clock.advance(61 * SECOND_MS + n * 3 * SECOND_MS);
  }
});

/** The whole controller over the simulator: what counts for the brake on removals, and what must not hold it for ever. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SeenRequest } from '../../simulator/faults.ts';
import { HOUR_MS, MINUTE_MS, SECRET_NAME } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import type { SimulatedController } from '../support/simulated/simulated-controller.ts';
import { OPTED_IN, OPTED_OUT, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

const GRACE_MS = 10 * MINUTE_MS;
const TEAMS = Array.from({ length: 40 }, (_, n) => `team-${n}`);
/** One more than the brake allows. */
const WEDGED = TEAMS.slice(0, 6);
const HONEST = 'team-20';

let world: SimulatedWorld;
let run: SimulatedController;
openWorlds((opened) => {
  world = opened;
});

beforeEach(async () => {
  world.optIn(...TEAMS);
  run = await world.run();
  await world.clock.advance(MINUTE_MS);
});

function optOut(...names: readonly string[]): void {
  for (const name of names) world.annotate(name, OPTED_OUT);
}

function isGone(name: string): boolean {
  return world.secret(name) === undefined;
}

const isRemoval = ({ method, path }: SeenRequest): boolean =>
  method === 'DELETE' || (method === 'PATCH' && path.includes('/serviceaccounts/'));
const isIn =
  (names: readonly string[]) =>
  ({ path }: SeenRequest): boolean =>
    names.some((name) => path.includes(`/namespaces/${name}/`));

/** As a policy engine or a missing Role answers. Returns a function that ends it. */
function refuse(match: (request: SeenRequest) => boolean): () => void {
  const message = 'admission webhook "policy.example" denied the request';
  const body = { kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403, message };
  return world.simulator.faults.add({
    effect: { kind: 'answer', status: 403, body },
    match: (request) => match(request) && isRemoval(request),
    times: Infinity,
  });
}

const REFUSALS: readonly (readonly [string, (request: SeenRequest) => boolean])[] = [
  ['to detach', ({ method }) => method === 'PATCH'],
  ['to delete', ({ method }) => method === 'DELETE'],
];

describe.each(REFUSALS)('six removals that the server refuses %s', (_, isRefused) => {
  afterEach(() => world.ignoreViolations(': 403'));
  beforeEach(async () => {
    refuse((request) => isRefused(request) && isIn(WEDGED)(request));
    // One after another, so that the brake has no reason to engage.
    for (const name of WEDGED) {
      optOut(name);
      await world.clock.advance(5 * MINUTE_MS);
    }
    await world.clock.advance(GRACE_MS);
  });

  it('are stalled, are reported, and hold up nobody else', async () => {
    expect(await run.readState()).toMatchObject({
      removalsPending: 0,
      isRemovalBrakeEngaged: false,
    });
    for (const name of WEDGED) {
      expect(isGone(name)).toBe(false);
      expect(world.reasons(name)).toContain('WriteRefused');
    }
    optOut(HONEST);
    await world.clock.advance(GRACE_MS + 3 * MINUTE_MS);
    expect(isGone(HONEST)).toBe(true);
  });

  it('hold up nobody after a change of leader either', async () => {
    await run.kill();
    run = await world.run();
    optOut(HONEST);
    await world.clock.advance(GRACE_MS + 3 * MINUTE_MS);

    expect(isGone(HONEST)).toBe(true);
    expect(WEDGED.filter(isGone)).toEqual([]);
    expect((await run.readState())?.stalledNamespaces.get('WriteRefused')).toBe(WEDGED.length);
  });

  it('hold up nobody if the change of leader comes while all of them are due', async () => {
    optOut(HONEST);
    await world.clock.advance(GRACE_MS - MINUTE_MS);
    await run.kill();
    run = await world.run();
    await world.clock.advance(4 * MINUTE_MS);

    expect(isGone(HONEST)).toBe(true);
  });

  it('are kept fresh, and come when the refusal ends', async () => {
    await world.clock.advance(13 * HOUR_MS);
    expect(WEDGED.filter((name) => !world.isLive(name))).toEqual([]);
    world.simulator.faults.clear();
    // While none of them is refused any more, six at once are too many.
    run.config = 'removal: {maxPerTenMinutes: 10}';
    await world.clock.advance(5 * MINUTE_MS);
    expect(WEDGED.filter((name) => !isGone(name))).toEqual([]);
  });
});

describe('a mass opt-out by mistake', () => {
  const MANY = TEAMS.slice(0, 30);
  afterEach(() => world.ignoreViolations(': 403'));

  it('is held for a day and stays held, with every Secret fresh, and nothing is asked but dry runs', async () => {
    const requests = world.watchRequests();
    const accounts = world.watchChanges('serviceaccounts');
    optOut(...MANY);
    await world.clock.advance(24 * HOUR_MS);

    expect(MANY.filter(isGone)).toEqual([]);
    for (const name of MANY) expect(world.references(name)).toEqual([SECRET_NAME]);
    expect(world.unready(MANY)).toEqual([]);
    expect(await run.readState()).toMatchObject({
      removalsPending: MANY.length,
      isRemovalBrakeEngaged: true,
    });
    expect(accounts()).toEqual([]);
    // The server is asked for each a few times an hour: to detach, and to delete.
    const asked = requests().filter(isRemoval).length;
    expect(asked).toBeGreaterThanOrEqual(MANY.length * 2);
    expect(asked).toBeLessThan(MANY.length * 2 * 24 * 7);

    for (const name of MANY) world.annotate(name, OPTED_IN);
    await world.clock.advance(MINUTE_MS);
    expect(await run.readState()).toMatchObject({ removalsPending: 0 });
  });

  it('is held after a time in which the server refused all of it, but for the first that is tried again', async () => {
    const end = refuse(isIn(MANY));
    optOut(...MANY);
    await world.clock.advance(HOUR_MS);
    expect(await run.readState()).toMatchObject({ isRemovalBrakeEngaged: false });
    end();
    await world.clock.advance(24 * HOUR_MS);

    expect(MANY.filter(isGone)).toEqual([]);
    const detached = MANY.filter((name) => world.references(name).length === 0);
    expect(detached.length).toBeLessThanOrEqual(1);
    expect(await run.readState()).toMatchObject({ isRemovalBrakeEngaged: true });
  });

  it('is held although the server can’t tell: its answers to dry runs are unknown', async () => {
    world.simulator.faults.add({
      effect: { kind: 'answer', status: 500, body: { kind: 'Status', code: 500 } },
      match: (request) => isRemoval(request) && isIn(MANY)(request),
      times: Infinity,
    });
    optOut(...MANY);
    await world.clock.advance(HOUR_MS);

    expect(await run.readState()).toMatchObject({
      removalsPending: MANY.length,
      isRemovalBrakeEngaged: true,
    });
  });
});

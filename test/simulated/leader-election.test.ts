/** Replicas of the whole controller that compete for one Lease, on the simulator and one virtual clock. */
import { describe, expect, it } from '@jest/globals';
import { NAMESPACE_ANNOTATIONS } from '../../src/domain/contract.ts';
import { HOUR_MS } from '../support/values/builders.ts';
import { INSTALLED_AS } from '../support/cluster/install.ts';
import type { SimulatedController } from '../support/simulated/simulated-controller.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_OUT, OUR_RULES, type SimulatedWorld } from '../support/simulated/simulated-world.ts';
import { itShares, share } from '../support/suite/share.ts';

const { namespace } = INSTALLED_AS;
const LEASE = { kind: 'Lease', namespace, name: 'ecr-pull-secrets' } as const;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const LONG_MS = share(3 * MINUTE_MS, HOUR_MS);
const GRACE = 'removal: {gracePeriod: 1s}';

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
  world.kubectl.createNamespace(namespace);
});

function replica(reporter: string): Promise<SimulatedController> {
  return world.run({ elected: true, reporter, config: GRACE });
}

/** The result of `world.watchWrites`, without writes to the Lease. */
function watchWrites(): () => readonly string[] {
  const writes = world.watchWrites();
  return () => writes().filter((write) => !write.includes('/leases/'));
}

function leaseSpec(): unknown {
  return world.kubectl.get(LEASE)?.['spec'];
}

function isPatchOfAccount({ method, path }: { method: string; path: string }): boolean {
  return method === 'PATCH' && path.endsWith('/serviceaccounts/default');
}

/** A stranger acquires the Lease, for longer than anybody could wait. */
function stealLease(): void {
  const renewTime = '2999-01-01T00:00:00.000000Z';
  const spec = { holderIdentity: 'stranger', renewTime, leaseDurationSeconds: 31_536_000 };
  world.kubectl.patch(LEASE, { spec });
}

describe('a standby', () => {
  it('takes over from a killed leader within 17 s, from warm caches, with at most one more mint', async () => {
    const first = await replica('first');
    const second = await replica('second');
    world.optIn('early');
    await world.clock.advance(SECOND_MS);
    expect([first.isLeading, second.isLeading]).toEqual([true, false]);
    expect(world.unready(['early'])).toEqual([]);

    await first.kill();
    const requests = world.watchRequests();
    world.optIn('late');
    await world.clock.advance(18 * SECOND_MS);

    expect(second.isLeading).toBe(true);
    expect(world.unready(['early', 'late'])).toEqual([]);
    expect(world.minter.calls.length).toBeLessThanOrEqual(2);
    const lists = requests().filter(({ method, path }) => method === 'GET' && path !== leasePath());
    expect(lists).toEqual([]);
  });

  it('takes over within 3 s from a leader that stops while its writes hang', async () => {
    const first = await replica('first');
    const second = await replica('second');
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: MINUTE_MS },
      match: isPatchOfAccount,
    });
    world.optIn('team');
    await world.clock.advance(SECOND_MS);
    const stopped = first.stop();
    await world.clock.advance(3 * SECOND_MS);

    expect(second.isLeading).toBe(true);
    await world.clock.advance(SECOND_MS);
    await stopped;
    expect(world.unready(['team'])).toEqual([]);
  });

  itShares('writes nothing while another leads, and neither sends needless requests', async () => {
    world.optIn('team');
    await replica('first');
    const second = await replica('second');
    const requests = world.watchRequests();
    await world.clock.advance(LONG_MS);

    for (const series of ['reconcile_total', 'token_requests_total', 'writes_total']) {
      expect([series, await second.scrape(series)]).toEqual([series, 0]);
    }
    const reads = requests().filter(({ path }) => path === leasePath());
    // Two replicas, each every 1.5 to 2 s.
    expect(reads.length).toBeGreaterThanOrEqual(2 * (LONG_MS / 2_000));
    expect(reads.length).toBeLessThanOrEqual(2 * (LONG_MS / 1_500 + 1));
    expect(second.faults).toEqual([]);
  });
});

describe('a leader that loses the Lease', () => {
  it('aborts its running writes: a write that hangs never arrives', async () => {
    const run = await replica('first');
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 10 * SECOND_MS },
      match: isPatchOfAccount,
    });
    world.optIn('team');
    await world.clock.advance(SECOND_MS);
    const writes = watchWrites();
    stealLease();
    await world.clock.advance(12 * SECOND_MS);

    expect(run.isLeading).toBe(false);
    expect(writes()).toEqual([]);
    expect(world.references('team')).toEqual([]);
    expect(run.faults).toEqual([]);

    // Nobody has renewed the Lease for 15 s.
    await world.clock.advance(7 * SECOND_MS);
    expect(run.isLeading).toBe(true);
  });
});

describe('a leader that is cut off from the API server', () => {
  itShares('stops, and does no harm when it is back with its minted token', async () => {
    const user = 'cut-off';
    world.simulator.setAccess(user, OUR_RULES);
    const first = await world.run({ elected: true, reporter: 'first', user, config: GRACE });
    const second = await replica('second');
    world.optIn('kept', 'left');
    await world.clock.advance(SECOND_MS);
    const isCutOff = (request: { user: string }): boolean => request.user === user;
    const heal = world.simulator.faults.add({
      effect: { kind: 'refuse' },
      match: isCutOff,
      times: Infinity,
    });
    world.annotate('kept', { [NAMESPACE_ANNOTATIONS.refreshRequestedAt]: 'now' });
    await world.clock.advance(20 * SECOND_MS);
    expect([first.isLeading, second.isLeading]).toEqual([false, true]);
    world.annotate('left', OPTED_OUT);
    await world.clock.advance(LONG_MS);
    expect(world.secret('left')).toBeUndefined();

    const healedAt = world.simulator.requests.length;
    heal();
    await world.clock.advance(LONG_MS);

    const since = world.simulator.requests.slice(healedAt).filter(isCutOff);
    expect(since.length).toBeGreaterThan(0);
    // The one renewal that it still had to try is refused: another replica has the Lease.
    const writes = since.filter(({ method }) => method !== 'GET');
    expect(writes.every(({ path, status }) => path === leasePath() && status === 409)).toBe(true);
    expect(world.unready(['kept'])).toEqual([]);
    expect(world.references('left')).toEqual([]);
    expect([first.isLeading, second.isLeading]).toEqual([false, true]);
    expect(first.faults).toEqual([]);
  });
});

describe('a leader that is paused in the middle of a write', () => {
  it('does not attach again what was detached in the meantime, when it wakes up in its own retry', async () => {
    const run = await replica('first');
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: SECOND_MS },
      match: isPatchOfAccount,
    });
    world.simulator.faults.add({
      effect: { kind: 'answer', status: 409, body: { reason: 'Conflict', code: 409 } },
      match: isPatchOfAccount,
    });
    world.optIn('team');
    await world.clock.advance(SECOND_MS / 2);

    // The answer to the write is the first thing that it receives, before any of its own timers.
    const requests = world.watchRequests();
    world.clock.stall(MINUTE_MS);
    stealLease();
    world.annotate('team', OPTED_OUT);
    await world.clock.advance(10 * SECOND_MS);

    expect(run.isLeading).toBe(false);
    expect(requests().some(isReadOfAccount)).toBe(true);
    expect(requests().some(isPatchOfAccount)).toBe(false);
    expect(run.output).toContain('NOT_LEADING');
    expect(await run.scrape('writes_total', { result: 'failure' })).toBe(0);
    expect(await run.scrape('writes_total', { result: 'dropped' })).toBeGreaterThan(0);
    expect(world.references('team')).toEqual([]);
  });
});

describe('a replica without permissions on the Lease', () => {
  it('reports that it is not ready, and why, until it has them', async () => {
    const user = 'without-lease';
    const rules = OUR_RULES;
    const isOfLease = ({ resources }: { resources: readonly string[] }) =>
      resources.includes('leases');
    world.simulator.setAccess(
      user,
      rules.filter((rule) => !isOfLease(rule)),
    );
    const run = await world.run({ elected: true, reporter: 'first', user, config: GRACE });
    expect(run.faults).toEqual([expect.stringContaining('grant the Role in manifests/')]);

    world.simulator.setAccess(user, rules);
    await world.clock.advance(3 * SECOND_MS);
    expect(run.faults).toEqual([]);
    expect(run.isLeading).toBe(true);
  });
});

describe('the Lease', () => {
  it('stays with its leader during a storm of writes that wait for their budget', async () => {
    const names = Array.from({ length: 400 }, (_, index) => `team-${index}`);
    const first = await replica('first');
    await replica('second');
    world.simulator.faults.add({
      effect: { kind: 'delay', delayMs: 3 * SECOND_MS },
      match: ({ path }) => path.includes('/secrets/') || path.includes('/serviceaccounts/'),
      times: Infinity,
    });
    world.optIn(...names);
    const lost = await world.advance(MINUTE_MS, {
      everyMs: SECOND_MS,
      find: () => (first.isLeading ? [] : ['the lead']),
    });

    expect(lost).toEqual([]);
    expect(leaseSpec()).toMatchObject({ holderIdentity: 'first', leaseTransitions: 0 });
  });
});

function leasePath(): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${LEASE.name}`;
}

function isReadOfAccount({ method, path }: { method: string; path: string }): boolean {
  return method === 'GET' && path.endsWith('/serviceaccounts/default');
}

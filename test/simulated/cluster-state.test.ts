/** What a run over the simulator reports about the cluster, for metrics. */
import { describe, expect, it } from '@jest/globals';
import { LABELS, NAMESPACE_ANNOTATIONS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { StalledError } from '../../src/domain/errors.ts';
import type { SecretCounts } from '../../src/domain/state/cluster-state.ts';
import { renderTokenRecords } from '../../src/domain/state/token-record.ts';
import { MINUTE_MS, SECRET_NAME, aTokenRecord } from '../support/values/builders.ts';
import { CostlyClock } from '../support/ports/costly-clock.ts';
import { perTurn } from '../support/suite/per-turn.ts';
import { configOf, TEN } from '../support/simulated/several-profiles.ts';
import type { SimulatedController } from '../support/simulated/simulated-controller.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

async function secretsOf(run: SimulatedController): Promise<SecretCounts> {
  const state = await run.readState();
  if (state === undefined) throw new Error('it does not lead');
  return state.secrets;
}

describe('the state of the cluster', () => {
  it('counts only entries that our Apply entry vouches for, whatever tenants write on their Secrets', async () => {
    world.optIn('team');
    world.kubectl.createNamespace('forger');
    const records = Array.from({ length: 250 }, () => aTokenRecord({ expiresAt: new Date(0) }));
    world.kubectl.create(
      { kind: 'Secret', namespace: 'forger', name: SECRET_NAME },
      {
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': btoa('{"auths":{}}') },
        // So that the forged annotation stays.
        immutable: true,
        metadata: {
          labels: { [LABELS.managedBy]: 'ecr-pull-secrets', [LABELS.instance]: 'default' },
          annotations: { [SECRET_ANNOTATIONS.tokens]: renderTokenRecords(records) },
        },
      },
    );
    world.annotate('forger', OPTED_IN);
    const run = await world.run();
    const { byState, byProfile, expiring } = await secretsOf(run);

    expect([byState.get('fresh'), byState.get('blocked')]).toEqual([1, 1]);
    expect([...byProfile.keys()]).toEqual(['default']);
    expect(byProfile.get('default')?.byState.get('expired')).toBe(0);
    expect([expiring.get(0), expiring.get(Infinity)]).toEqual([0, 1]);
  });

  it('counts each namespace that should have a Secret once, by the worst that is true of it', async () => {
    const foreign = { kind: 'Secret', namespace: 'taken', name: SECRET_NAME } as const;
    world.kubectl.createNamespace('taken');
    world.kubectl.create(foreign, { type: 'Opaque' });
    world.annotate('taken', OPTED_IN);
    world.optIn('well', 'full');
    world.kubectl.createNamespace('asks-too-much', {
      ...OPTED_IN,
      [NAMESPACE_ANNOTATIONS.profiles]: 'secret',
    });
    world.kubectl.createNamespace('mistaken', { [NAMESPACE_ANNOTATIONS.enabled]: 'yes, please' });
    world.kubectl.createNamespace('not-interested');
    world.minter.failNext(new StalledError('minting: denied', { code: 'A' }), 10_000);
    const run = await world.run();
    const shown = async () =>
      Object.fromEntries([...(await secretsOf(run)).byState].filter(([, count]) => count > 0));
    expect(await shown()).toEqual({ missing: 2, blocked: 1 });
    world.minter.heal();
    await world.clock.advance(2 * MINUTE_MS);
    expect(await shown()).toEqual({ fresh: 2, blocked: 1 });

    world.minter.failNext(new StalledError('minting: denied', { code: 'A' }), 10_000);
    await world.clock.advance(24 * 60 * MINUTE_MS);
    expect(await shown()).toEqual({ blocked: 3 });
  });

  it('shows entries of all profiles that are not configured under one name', async () => {
    const names = TEN.slice(0, 3);
    world.kubectl.createNamespace('team', {
      ...OPTED_IN,
      [NAMESPACE_ANNOTATIONS.profiles]: names.join(),
    });
    const run = await world.run({ config: configOf(names) });
    expect([...(await secretsOf(run)).byProfile.keys()].sort()).toEqual(names);
    run.config = configOf(names.slice(0, 1));
    await world.clock.advance(MINUTE_MS);

    const { byProfile } = await secretsOf(run);
    expect([...byProfile.keys()].sort()).toEqual(['(absent)', 'p0']);
    expect(byProfile.get('(absent)')?.byState.get('fresh')).toBe(2);
  });

  it('is read in slices, between which the rest of the process can run', async () => {
    const clock = new CostlyClock(world.clock);
    world.optIn(...Array.from({ length: 60 }, (_, n) => `team-${n}`));
    const run = await world.run({ clock });
    await world.clock.advance(MINUTE_MS);
    const reading = { isDone: false };
    void run.readState().then(() => (reading.isDone = true));
    const looks = await perTurn(
      () => clock.looks,
      () => reading.isDone,
    );

    // Sixty namespaces and some more.
    expect(looks.length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...looks)).toBeLessThanOrEqual(12);
  });

  it('leaves out namespaces that are being deleted, since nothing is refreshed there', async () => {
    world.optIn('team', 'goes');
    const run = await world.run();
    expect(await run.readState()).toMatchObject({ managedNamespaces: 2 });
    world.kubectl.delete({ kind: 'Namespace', name: 'goes' });
    await world.clock.advance(1);

    expect(world.secret('goes')).toBeDefined();
    expect(await run.readState()).toMatchObject({ managedNamespaces: 1 });
    const { byState, expiring } = await secretsOf(run);
    expect([byState.get('fresh'), expiring.get(Infinity)]).toEqual([1, 1]);
  });

  it('reports a profile as failing as long as AWS refuses its token, and no longer', async () => {
    const denied = { code: 'A', eventReason: 'TokenRequestDenied' };
    world.minter.failNext(new StalledError('minting: denied', denied), 10_000);
    const run = await world.run();
    const isFailing = async () => (await run.readState())?.failingByProfile.get('default');
    expect(await isFailing()).toBeUndefined();
    world.optIn('team');
    const seen = new Set<boolean | undefined>();
    for (let minute = 0; minute < 60; minute += 1) {
      await world.clock.advance(MINUTE_MS);
      seen.add(await isFailing());
    }
    world.minter.heal();
    await world.clock.advance(2 * MINUTE_MS);

    expect([...seen]).toEqual([true]);
    expect(await isFailing()).toBe(false);
  });
});

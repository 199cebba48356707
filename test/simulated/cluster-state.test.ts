/** What a run over the simulator reports about the cluster, for metrics. */
import { describe, expect, it } from '@jest/globals';
import { LABELS, SECRET_ANNOTATIONS } from '../../src/domain/contract.ts';
import { StalledError } from '../../src/domain/errors.ts';
import { renderTokenRecords } from '../../src/domain/state/token-record.ts';
import { MINUTE_MS, SECRET_NAME, aTokenRecord } from '../support/values/builders.ts';
import { openWorlds } from '../support/simulated/open-worlds.ts';
import { OPTED_IN, type SimulatedWorld } from '../support/simulated/simulated-world.ts';

let world: SimulatedWorld;
openWorlds((opened) => {
  world = opened;
});

describe('the state of the cluster', () => {
  it('includes only configured profiles, whatever tenants write on their Secrets', async () => {
    world.optIn('team');
    world.kubectl.createNamespace('forger');
    const records = Array.from({ length: 250 }, (_, n) => aTokenRecord({ profile: `forged-${n}` }));
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
    const profiles = [...(run.state?.entries ?? [])].map(({ profile }) => profile);

    expect(new Set(profiles)).toEqual(new Set(['default', '(absent)']));
    expect(profiles).toHaveLength(251);
  });

  it('leaves out namespaces that are being deleted, since nothing is refreshed there', async () => {
    world.optIn('team', 'goes');
    const run = await world.run();
    expect(run.state).toMatchObject({ managedNamespaces: 2 });
    world.kubectl.delete({ kind: 'Namespace', name: 'goes' });
    await world.clock.advance(1);

    expect(world.secret('goes')).toBeDefined();
    expect(run.state).toMatchObject({ managedNamespaces: 1 });
    expect(run.state?.secrets).toHaveLength(1);
    expect(run.state?.entries).toHaveLength(1);
  });

  it('reports a profile as failing as long as AWS refuses its token, and no longer', async () => {
    const denied = { code: 'A', eventReason: 'TokenRequestDenied' };
    world.minter.failNext(new StalledError('minting: denied', denied), 10_000);
    const run = await world.run();
    const isFailing = () => run.state?.failingByProfile.get('default');
    expect(isFailing()).toBeUndefined();
    world.optIn('team');
    const seen = new Set<boolean | undefined>();
    for (let minute = 0; minute < 60; minute += 1) {
      await world.clock.advance(MINUTE_MS);
      seen.add(isFailing());
    }
    world.minter.heal();
    await world.clock.advance(2 * MINUTE_MS);

    expect([...seen]).toEqual([true]);
    expect(isFailing()).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { readClusterState } from '../../../src/controller/read-cluster-state.ts';
import { StalledError } from '../../../src/domain/errors.ts';
import {
  aNamespace,
  aPullSecret,
  aRestoredSecret,
  aSettledNamespace,
  aTokenRecord,
} from '../../support/builders.ts';
import { ControllerRig } from '../../support/controller-rig.ts';

describe('the state of the cluster', () => {
  it('names only profiles that are configured, whatever tenants write on their Secrets', () => {
    const rig = new ControllerRig();
    const forged = Array.from({ length: 500 }, (_, n) => aTokenRecord({ profile: `forged-${n}` }));
    rig.cluster.put(aSettledNamespace({ name: 'team-a' }));
    rig.cluster.put(
      aNamespace({
        name: 'team-b',
        // Immutable, so that it stays as it is.
        pullSecret: aRestoredSecret({ namespace: 'team-b', tokens: forged, immutableSet: true }),
      }),
    );
    rig.cluster.put(
      aNamespace({
        name: 'team-c',
        pullSecret: aPullSecret({
          namespace: 'team-c',
          tokens: [aTokenRecord({ profile: 'old' })],
        }),
      }),
    );
    const profiles = [...readClusterState(rig.context).entries].map(({ profile }) => profile);

    expect(new Set(profiles)).toEqual(new Set(['default', '(absent)']));
    expect(profiles).toHaveLength(502);
  });

  it('leaves out namespaces that are being deleted: nothing is refreshed there, and none of it is missed', () => {
    const rig = new ControllerRig();
    rig.cluster.put(aSettledNamespace({ name: 'team-a' }));
    rig.cluster.put(aSettledNamespace({ name: 'team-b', terminating: true }));

    const state = readClusterState(rig.context);

    expect(state.managedNamespaces).toBe(1);
    expect([...state.secrets]).toHaveLength(1);
    expect([...state.entries]).toHaveLength(1);
  });

  it('says all the time while AWS refuses that a profile gets no token, and no longer than needed', async () => {
    const rig = new ControllerRig();
    const isFailing = () => readClusterState(rig.context).failingByProfile.get('default');
    rig.minter.failNext(
      new StalledError('minting: denied', { code: 'A', eventReason: 'TokenRequestDenied' }),
      10_000,
    );
    const atFirst = isFailing();
    rig.cluster.put(aNamespace({ name: 'team-a' }));
    rig.controller.start();
    const seen = new Set<boolean | undefined>();
    for (let minute = 0; minute < 60; minute++) {
      await rig.clock.advance(60_000);
      seen.add(isFailing());
    }
    rig.minter.heal();
    await rig.clock.advance(120_000);

    expect(atFirst).toBe(undefined);
    expect([...seen]).toEqual([true]);
    expect(isFailing()).toBe(false);
    await rig.controller.stop(0);
  });
});

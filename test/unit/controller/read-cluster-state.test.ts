import { describe, expect, it } from '@jest/globals';
import { ABSENT_PROFILE, readClusterState } from '../../../src/controller/read-cluster-state.ts';
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

    expect(new Set(profiles)).toEqual(new Set(['default', ABSENT_PROFILE]));
    expect(profiles).toHaveLength(502);
  });
});

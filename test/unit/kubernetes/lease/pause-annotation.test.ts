import { beforeEach, describe, expect, it } from '@jest/globals';
import { LEASE_ANNOTATIONS } from '../../../../src/domain/contract.ts';
import { PauseAnnotation } from '../../../../src/kubernetes/lease/pause-annotation.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { INSTALLED_AS, OUR_USER } from '../../../support/cluster/install.ts';
import { transportOver } from '../../../support/ports/simulated-transport.ts';
import { OUR_RULES } from '../../../support/simulated/simulated-world.ts';

const { namespace } = INSTALLED_AS;
const LEASE = { kind: 'Lease', namespace, name: 'ecr-pull-secrets' } as const;
const SIGNAL = new AbortController().signal;

let cluster: SimulatedCluster;
let pause: PauseAnnotation;

beforeEach(async () => {
  const clock = new VirtualClock();
  cluster = new SimulatedCluster({ clock });
  cluster.kubectl.createNamespace(namespace);
  cluster.setAccess(OUR_USER, OUR_RULES);
  const transport = transportOver(cluster.wire(OUR_USER), clock);
  pause = new PauseAnnotation({ transport, namespace, name: LEASE.name, fieldManager: LEASE.name });
});

describe('the pause annotation', () => {
  it('creates the Lease if there is none, with the permissions of the installation', async () => {
    await pause.write('by me', SIGNAL);

    const lease = cluster.kubectl.get(LEASE);
    expect(lease?.metadata.annotations).toEqual({ [LEASE_ANNOTATIONS.paused]: 'by me' });
    expect(lease?.['spec']).toEqual({});
  });

  it('is set and removed no matter who set it before, and the rest of the Lease stays', async () => {
    const spec = { holderIdentity: 'a', leaseTransitions: 3 };
    cluster.kubectl.create(LEASE, { metadata: { annotations: { note: 'theirs' } }, spec });
    cluster.kubectl.annotate(LEASE, { [LEASE_ANNOTATIONS.paused]: 'by hand' });
    await pause.write('by me', SIGNAL);
    expect(cluster.kubectl.get(LEASE)?.metadata.annotations).toEqual({
      note: 'theirs',
      [LEASE_ANNOTATIONS.paused]: 'by me',
    });

    await pause.delete(SIGNAL);
    expect(cluster.kubectl.get(LEASE)).toMatchObject({
      metadata: { annotations: { note: 'theirs' } },
      spec,
    });
    expect(cluster.kubectl.get(LEASE)?.metadata.annotations).toEqual({ note: 'theirs' });
  });

  it('says what a person must do if permissions are missing', async () => {
    cluster.setAccess(OUR_USER, []);
    const refused = pause.write('by me', SIGNAL);
    await expect(refused).rejects.toMatchObject({
      name: 'StalledError',
      message: expect.stringMatching(/^setting the pause annotation on Lease /),
      fix: 'grant the Role in manifests/install.yaml',
    });
  });
});

import { describe, expect, it } from '@jest/globals';
import { ClusterClient } from '../../../../demo/stage/cluster-client.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { systemClock } from '../../../../src/base/system-clock.ts';

const PATH = '/api/v1/namespaces';

describe('the client of the story', () => {
  it('closes only after what it is creating has been created, and creates nothing afterwards', async () => {
    const simulator = new SimulatedCluster({ clock: systemClock });
    const client = new ClusterClient(simulator.wire());
    simulator.faults.add({
      effect: { kind: 'delay', delayMs: 50 },
      match: ({ method }) => method === 'POST',
    });
    const making = client.create(PATH, { metadata: { name: 'late' } });
    await client.close();

    expect(simulator.kubectl.get({ kind: 'Namespace', name: 'late' })).toBeDefined();
    await making;
    await expect(client.create(PATH, { metadata: { name: 'later' } })).rejects.toThrow('closed');
  });
});

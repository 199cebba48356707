import { beforeEach, describe, expect, it } from '@jest/globals';
import { scopedTo } from '../../../../demo/stage/scoped-connection.ts';
import { SimulatedCluster } from '../../../../simulator/simulated-cluster.ts';
import { VirtualClock } from '../../../../simulator/ground/virtual-clock.ts';
import { ContractClient } from '../../../contract/servers/contract-client.ts';

let client: ContractClient;

beforeEach(() => {
  const simulator = new SimulatedCluster({ clock: new VirtualClock() });
  simulator.kubectl.createNamespace('ours', {}, { run: 'a' });
  simulator.kubectl.createNamespace('theirs', {}, { run: 'b' });
  const access = { address: 'the simulator', openWire: () => simulator.wire() };
  client = new ContractClient(scopedTo(access, 'run=a').openWire());
});

describe('a scoped connection', () => {
  it('lists no namespace without the label', async () => {
    const { body } = await client.get('/api/v1/namespaces?limit=500');

    expect(body.items?.map(({ metadata }) => metadata.name)).toEqual(['ours']);
  });

  it('hides namespaces without the label from a watch', async () => {
    const watch = await client.watch('/api/v1/namespaces?resourceVersion=0');
    const [first] = await watch.take(1);
    watch.leave();

    expect([first?.type, first?.object.metadata.name]).toEqual(['ADDED', 'ours']);
  });

  it('leaves single objects and other resources unchanged', async () => {
    const foreign = await client.get('/api/v1/namespaces/theirs');
    const accounts = await client.get('/api/v1/serviceaccounts?limit=500');

    expect([foreign.status, accounts.status]).toEqual([200, 200]);
  });
});

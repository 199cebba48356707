/** Beyond the behaviours that somebody thought of: random writes, sent to the simulator and to a real API server. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { BareWire } from '../../contract/servers/bare-wire.ts';
import { ContractClient } from '../../contract/servers/contract-client.ts';
import { RandomWrites } from '../../contract/servers/random-writes.ts';
import { Twin } from '../../contract/servers/twins.ts';
import { closeAfterAll } from '../../support/suite/close-after-all.ts';
import { sharedControlPlane } from '../../support/control-plane/shared.ts';
import { eventually } from '../../support/suite/eventually.ts';
import { systemClock } from '../../../src/base/system-clock.ts';

const WRITES = 300;

describe('the simulator and a real API server', () => {
  let wire: BareWire;
  const simulator = new SimulatedCluster({ clock: systemClock });
  beforeAll(async () => {
    wire = await BareWire.from((await sharedControlPlane()).adminKubeconfig);
  });
  closeAfterAll(() => [wire]);

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('give the same answers for seed %i', async (seed) => {
    const namespace = `random-${seed}`;
    const clients = [new ContractClient(wire), new ContractClient(simulator.wire())];
    for (const client of clients) {
      await client.post('/api/v1/namespaces', { metadata: { name: namespace } });
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
      await eventually(
        { what: 'the default ServiceAccount', limitMs: 10_000 },
        async () => (await client.get(account)).status === 200,
      );
    }
    const [real, simulated] = clients.map((client) => new Twin(client, namespace));
    const writes = new RandomWrites(seed);
    for (let number = 1; number <= WRITES; number += 1) {
      const write = writes.next();
      const answers = { real: await real?.send(write), simulated: await simulated?.send(write) };
      expect({ number, write, answer: answers.simulated }).toEqual({
        number,
        write,
        answer: answers.real,
      });
    }
  });
});

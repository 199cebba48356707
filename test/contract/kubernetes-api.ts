/** Every behaviour of an API server that our code or tests rely on: held against the simulator and a real one alike. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeAccess } from './kubernetes-api/access.ts';
import { describeApplies } from './kubernetes-api/applies.ts';
import { ContractWorld } from './kubernetes-api/contract-world.ts';
import { describeNamespaces } from './kubernetes-api/namespaces.ts';
import { describeReads } from './kubernetes-api/reads.ts';
import type { ServerUnderTest } from './kubernetes-api/server-under-test.ts';
import { describeWatches } from './kubernetes-api/watches.ts';
import { describeWrites } from './kubernetes-api/writes.ts';

export function describeKubernetesApi(name: string, start: () => Promise<ServerUnderTest>): void {
  describe(`the Kubernetes API of ${name}`, () => {
    let world: ContractWorld | undefined;
    const current = (): ContractWorld => {
      if (world === undefined) throw new Error('the server has not started');
      return world;
    };
    beforeAll(async () => {
      world = new ContractWorld(await start());
    }, 180_000);
    afterAll(async () => {
      await world?.server.stop();
    }, 60_000);

    // First: after a restart of the API server, which others cause, the controllers take their time.
    describeNamespaces(current);
    describeReads(current);
    describeWatches(current);
    describeApplies(current);
    describeWrites(current);
    describeAccess(current);
  });
}

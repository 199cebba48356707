/** Every behaviour of an API server that our code or tests rely on: held against the simulator and a real one alike. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeAccessReviews } from './kubernetes-api/access-reviews.ts';
import { describeAccess } from './kubernetes-api/access.ts';
import { describeApplies } from './kubernetes-api/applies.ts';
import { ContractWorld } from './kubernetes-api/contract-world.ts';
import { describeDeletions } from './kubernetes-api/deletions.ts';
import { describeJsonPatches } from './kubernetes-api/json-patches.ts';
import { describeLeases } from './kubernetes-api/leases.ts';
import { describeNamespaces } from './kubernetes-api/namespaces.ts';
import { describePods } from './kubernetes-api/pods.ts';
import { describeReads } from './kubernetes-api/reads.ts';
import { describeSelectors } from './kubernetes-api/selectors.ts';
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
    describeJsonPatches(current);
    describeDeletions(current);
    describeSelectors(current);
    describePods(current);
    describeLeases(current);
    describeAccess(current);
    describeAccessReviews(current);
  });
}

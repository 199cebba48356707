/**
 * Every behaviour of an API server that our code or tests rely on, checked against both the simulator and a real one.
 */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeAccessReviews } from './kubernetes-api/access-reviews.ts';
import { describeAccess } from './kubernetes-api/access.ts';
import { describeApplies } from './kubernetes-api/applies.ts';
import { ContractWorld } from './servers/contract-world.ts';
import { describeDeletions } from './kubernetes-api/deletions.ts';
import { describeDryRuns } from './kubernetes-api/dry-runs.ts';
import { describeJsonPatches } from './kubernetes-api/json-patches.ts';
import { describeLeases } from './kubernetes-api/leases.ts';
import { describeNamespaces, describeServiceAccounts } from './kubernetes-api/namespaces.ts';
import { describePods } from './kubernetes-api/pods.ts';
import { describeReads } from './kubernetes-api/reads.ts';
import { describeSelectors } from './kubernetes-api/selectors.ts';
import type { ServerUnderTest } from './servers/server-under-test.ts';
import { describeQuietWatches, describeWatches } from './kubernetes-api/watches.ts';
import { describeWrites } from './kubernetes-api/writes.ts';

// In this order: some chapters restart the API server, and after that the controllers that `namespaces` needs take a
// while to come back.
const CHAPTERS = {
  namespaces: describeNamespaces,
  ServiceAccounts: describeServiceAccounts,
  reads: describeReads,
  watches: describeWatches,
  'quiet watches': describeQuietWatches,
  applies: describeApplies,
  writes: describeWrites,
  'JSON patches': describeJsonPatches,
  deletions: describeDeletions,
  'dry runs': describeDryRuns,
  selectors: describeSelectors,
  Pods: describePods,
  leases: describeLeases,
  access: describeAccess,
  'access reviews': describeAccessReviews,
} as const satisfies Readonly<Record<string, (world: () => ContractWorld) => void>>;

export type Chapter = keyof typeof CHAPTERS;
export const ALL_CHAPTERS = Object.keys(CHAPTERS) as readonly Chapter[];

export function describeKubernetesApi(
  name: string,
  start: () => Promise<ServerUnderTest>,
  chapters: readonly Chapter[] = ALL_CHAPTERS,
): void {
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

    describe.each(chapters)('%s', (chapter) => {
      beforeAll(() => current().server.enter(chapter));
      CHAPTERS[chapter](current);
    });
  });
}

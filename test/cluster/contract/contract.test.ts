/**
 * The simulator and a real API server keep one contract, in one run: where they differ, the simulator is wrong. What the
 * controller itself would send goes to the real one under the rights that the chart gives it, in both of its RBAC modes.
 */
import { describe, expect, it } from '@jest/globals';
import {
  ALL_CHAPTERS,
  type Chapter,
  describeKubernetesApi,
} from '../../contract/kubernetes-api.ts';
import { realServer, type RealServer } from '../../contract/servers/real-server.ts';
import { simulatedServer } from '../../contract/servers/simulated-server.ts';
import { REAL_SERVER, SIMULATOR } from '../../support/jest/contract-servers.ts';
import { startControlPlane } from '../../support/control-plane/start.ts';
import type { RbacMode } from '../../support/suite/rbac-mode.ts';

/** Chapters with requests that the controller makes too. The others have users of their own, or no object of ours. */
const OF_CONTROLLER: readonly Chapter[] = [
  'ServiceAccounts',
  'reads',
  'watches',
  'applies',
  'writes',
  'deletions',
  'leases',
];
/** Once is enough for what takes long: there time passes on the server, whoever asks. */
const SLOW: readonly Chapter[] = ['namespaces', 'quiet watches'];

describeKubernetesApi(SIMULATOR, () => Promise.resolve(simulatedServer('namespace')));
describeUnder('namespaces', { name: REAL_SERVER, chapters: ALL_CHAPTERS }, [
  ...SLOW,
  ...OF_CONTROLLER,
]);
describeUnder(
  'named',
  { name: `${REAL_SERVER} with rights in the whole cluster`, chapters: OF_CONTROLLER },
  OF_CONTROLLER,
);

function describeUnder(
  mode: RbacMode,
  { name, chapters }: { readonly name: string; readonly chapters: readonly Chapter[] },
  expected: readonly Chapter[],
): void {
  let server: RealServer | undefined;
  const start = async (): Promise<RealServer> => {
    server = await realServer(await startControlPlane(), mode);
    return server;
  };
  describeKubernetesApi(name, start, chapters);

  describe(`what the controller would send, with rbac.mode ${mode}`, () => {
    it.each(expected)('went under its rights in the chapter %s', (chapter) => {
      expect(server?.wire.underRights.get(chapter) ?? 0).toBeGreaterThan(0);
    });

    it('never went as the administrator, and was never refused, by the audit log', () => {
      expect(server?.senders).toEqual({
        byController: expect.any(Number),
        byAdministrator: [],
        refused: [],
      });
      expect(server?.senders?.byController).toBeGreaterThan(150);
    });
  });
}

/**
 * The simulator and a real API server fulfil one contract, in one run: if they differ, the simulator is wrong. What the
 * controller itself would send goes to the real server with the permissions that the chart gives it, in both RBAC
 * modes.
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

/** Chapters with requests that the controller sends, too. The others have their own users, or none of our objects. */
const OF_CONTROLLER: readonly Chapter[] = [
  'ServiceAccounts',
  'reads',
  'watches',
  'applies',
  'writes',
  'deletions',
  'dry runs',
  'leases',
];
/** Once is enough for slow chapters: in these, time passes on the server, whoever sends the requests. */
const SLOW: readonly Chapter[] = ['namespaces', 'quiet watches'];

describeKubernetesApi(SIMULATOR, () => Promise.resolve(simulatedServer('namespace')));
describeUnder('namespaces', { name: REAL_SERVER, chapters: ALL_CHAPTERS }, [
  ...SLOW,
  ...OF_CONTROLLER,
]);
describeUnder(
  'named',
  { name: `${REAL_SERVER} with cluster-wide permissions`, chapters: OF_CONTROLLER },
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
    it.each(expected)('is sent with its permissions in the chapter %s', (chapter) => {
      expect(server?.wire.asController.get(chapter) ?? 0).toBeGreaterThan(0);
    });

    it('is never sent as the administrator, and is never refused, according to the audit log', () => {
      expect(server?.senders).toEqual({
        byController: expect.any(Number),
        byAdministrator: [],
        refused: [],
      });
      expect(server?.senders?.byController).toBeGreaterThan(150);
    });
  });
}

/** The simulator and a real API server keep one contract, in one run: where they differ, the simulator is wrong. */
import { describeKubernetesApi } from '../contract/kubernetes-api.ts';
import { realServer } from '../contract/kubernetes-api/real-server.ts';
import { simulatedServer } from '../contract/kubernetes-api/simulated-server.ts';
import { REAL_SERVER, SIMULATOR } from '../support/contract-servers.ts';
import { startControlPlane } from '../support/control-plane/start.ts';

describeKubernetesApi(SIMULATOR, () => Promise.resolve(simulatedServer()));
describeKubernetesApi(REAL_SERVER, async () => realServer(await startControlPlane()));

/** A real API server keeps the contract that the simulator is held to: where they differ, the simulator is wrong. */
import { describeKubernetesApi } from '../contract/kubernetes-api.ts';
import { realServer } from '../contract/kubernetes-api/real-server.ts';
import { startControlPlane } from '../support/control-plane/start.ts';

describeKubernetesApi('kube-apiserver', async () => realServer(await startControlPlane()));

/** The simulator behaves as the contract says. */
import { SIMULATOR } from '../support/contract-servers.ts';
import { describeKubernetesApi } from './kubernetes-api.ts';
import { simulatedServer } from './kubernetes-api/simulated-server.ts';

describeKubernetesApi(SIMULATOR, () => Promise.resolve(simulatedServer()));

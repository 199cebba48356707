/** The simulator behaves as the contract says. */
import { SIMULATOR } from '../support/jest/contract-servers.ts';
import { describeKubernetesApi } from './kubernetes-api.ts';
import { simulatedServer } from './servers/simulated-server.ts';

describeKubernetesApi(SIMULATOR, () => Promise.resolve(simulatedServer()));

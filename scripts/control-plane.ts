/** `npm run control-plane`: the control plane of the tests, to play with, until Ctrl-C. */
import { startControlPlane } from '../test/support/control-plane/start.ts';

const controlPlane = await startControlPlane();
console.log(`export KUBECONFIG=${controlPlane.adminKubeconfig}`);
console.log('It runs until Ctrl-C. In a second terminal: kubectl get namespaces');
// Its programs don't keep this process alive.
const staying = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(staying);
    void controlPlane.stop();
  });
}

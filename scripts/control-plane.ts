/** `npm run control-plane`: runs the tests' control plane for experiments until Ctrl-C. */
import { startControlPlane } from '../test/support/control-plane/start.ts';

const controlPlane = await startControlPlane();
console.log(`export KUBECONFIG=${controlPlane.adminKubeconfig}`);
console.log('Running until Ctrl-C. In a second terminal: kubectl get namespaces');
// The control plane's programs don't keep this process alive.
const keepAlive = setInterval(() => undefined, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(keepAlive);
    void controlPlane.stop();
  });
}

/** Warms up the API server with a few of the bare client's writes before anything is measured. */
import { runBareClient } from './bare-client-run.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { namesOf } from './bench-names.ts';
import type { Budget } from './pace.ts';

const NAMESPACES = 50;
/** As long as with a real token. */
const DATA = Buffer.from(
  JSON.stringify({ auths: { 'example.invalid': { auth: 'x'.repeat(2500) } } }),
);

export async function warmUpServer(cluster: BenchCluster, budget: Budget): Promise<void> {
  const names = namesOf('warm', NAMESPACES);
  await cluster.createNamespaces(names, 'other');
  await runBareClient({
    kubeconfig: cluster.rig.controlPlane.adminKubeconfig,
    accounts: await cluster.arrivals.accounts(names),
    template: { annotations: {}, data: { '.dockerconfigjson': DATA.toString('base64') } },
    budget,
    atATime: 16,
  });
}

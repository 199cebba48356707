/** The guard on a simulated cluster, as far as a probe can see it: dry runs are refused in its words. */
import { GUARDED_RESOURCES, guardPolicyNameOf } from '../../../src/domain/contract.ts';
import type { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import { statusOf } from '../ports/scripted-wire.ts';

/** Returns a function that removes the guard. */
export function guard(simulator: Pick<SimulatedCluster, 'faults'>): () => void {
  const removals = GUARDED_RESOURCES.map((resource) => {
    const policy = guardPolicyNameOf('default', resource);
    const message = `${resource} "x" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: no.`;
    return simulator.faults.add({
      effect: { kind: 'answer', status: 403, body: statusOf(403, 'Forbidden', { message }) },
      match: ({ method, path, query }) =>
        method !== 'DELETE' && query.includes('dryRun=All') && path.split('/')[5] === resource,
      times: Infinity,
    });
  });
  return () => {
    for (const remove of removals) remove();
  };
}

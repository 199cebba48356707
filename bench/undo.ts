/** Resets namespaces to the state before their first pull secret. */
import { type AccountToAttach, accountToAttach } from './bare-writes.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { PULL_SECRET } from './bench-names.ts';
import { inParallel } from '../src/base/in-parallel.ts';

const AT_A_TIME = 32;

/** Returns the ServiceAccounts that can be attached next. Nothing else may write to these namespaces meanwhile. */
export async function undo(
  cluster: BenchCluster,
  names: readonly string[],
): Promise<readonly AccountToAttach[]> {
  const { admin } = cluster.rig;
  const accounts = await inParallel(names, { atOnce: AT_A_TIME }, async (name) => {
    const path = `/api/v1/namespaces/${name}`;
    const detached = { imagePullSecrets: null };
    const account = await admin.mergePatch(`${path}/serviceaccounts/default`, detached);
    await admin.delete(`${path}/secrets/${PULL_SECRET}`);
    return accountToAttach(account);
  });
  cluster.arrivals.forgetReady(names);
  return accounts;
}

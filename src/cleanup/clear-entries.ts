/** Takes the entries of one namespace out that name a Secret which is not there. So it can be repeated. */
import type { ServiceAccountRecord } from '../domain/observed.ts';
import { referencesTo } from '../domain/plan-service-accounts.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isDone } from './clear-secret.ts';

export type EntriesCleared =
  /** `failures`: by ServiceAccount. */
  | {
      readonly kind: 'cleared';
      readonly detached: number;
      readonly failures: ReadonlyMap<string, unknown>;
    }
  /** There is such a Secret by now: they may be in use, and were left. */
  | { readonly kind: 'inUse' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Never rejects. */
export async function clearEntries(
  { namespace, secretName }: { readonly namespace: string; readonly secretName: string },
  cluster: Pick<CleanupCluster, 'listPullSecrets' | 'listServiceAccounts' | 'detach'>,
  signal: AbortSignal,
): Promise<EntriesCleared> {
  try {
    const accounts = await cluster.listServiceAccounts(namespace, signal);
    // Last, so that an entry which came with a Secret of somebody else is none of those that were seen.
    const secrets = await cluster.listPullSecrets(namespace, signal);
    if (secrets.length > 0) return { kind: 'inUse' };
    const attached = accounts.filter((account) => referencesTo(secretName, account) > 0);
    return await detachAll(attached, (account) => cluster.detach(account, signal));
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** One that fails keeps nobody from the others. */
async function detachAll(
  accounts: readonly ServiceAccountRecord[],
  detach: (account: ServiceAccountRecord) => Promise<void>,
): Promise<EntriesCleared> {
  let detached = 0;
  const failures = new Map<string, unknown>();
  for (const account of accounts) {
    try {
      if (await isDone(detach(account))) detached += 1;
    } catch (error) {
      failures.set(account.name, error);
    }
  }
  return { kind: 'cleared', detached, failures };
}

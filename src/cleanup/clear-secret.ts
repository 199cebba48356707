/** Takes one Secret of ours away: first no ServiceAccount names it any more, then it goes. So it can be repeated. */
import { ObsoleteError } from '../domain/errors.ts';
import type { PullSecretRecord } from '../domain/observed.ts';
import { referencesTo } from '../domain/plan-service-accounts.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';

export interface Cleared {
  /** `going`: the namespace is being deleted, and was left alone. */
  readonly kind: 'deleted' | 'going' | 'failed';
  /** ServiceAccounts that our entry was taken out of, also where it failed after that. */
  readonly detached: number;
  /** Where it failed. */
  readonly error?: unknown;
}

/** Never rejects. The Secret must be ours to delete. */
export async function clearSecret(
  pullSecret: PullSecretRecord,
  cluster: Pick<CleanupCluster, 'isGoing' | 'listServiceAccounts' | 'detach' | 'delete'>,
  signal: AbortSignal,
): Promise<Cleared> {
  const { namespace, name } = pullSecret;
  let detached = 0;
  try {
    if (await cluster.isGoing(namespace, signal)) return { kind: 'going', detached };
    const accounts = await cluster.listServiceAccounts(namespace, signal);
    for (const account of accounts) {
      if (referencesTo(name, account) === 0) continue;
      if (await isDone(cluster.detach(account, signal))) detached += 1;
    }
    await cluster.delete(pullSecret, signal);
    return { kind: 'deleted', detached };
  } catch (error) {
    return { kind: 'failed', detached, error };
  }
}

/** A ServiceAccount that is gone meanwhile has no entry: false. */
export async function isDone(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof ObsoleteError) return false;
    throw error;
  }
}

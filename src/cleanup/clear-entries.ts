/** Takes the entries of one namespace out that name a Secret which is not there. So it can be repeated. */
import { referencesTo } from '../domain/plan-service-accounts.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isDone } from './clear-secret.ts';

/** What the entries of one name in one namespace are. */
export interface EntryPlace {
  readonly namespace: string;
  readonly secret: string;
}

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
  { namespace, secret }: EntryPlace,
  cluster: Pick<CleanupCluster, 'listPullSecrets' | 'listServiceAccounts' | 'detach'>,
  signal: AbortSignal,
): Promise<EntriesCleared> {
  let detached = 0;
  const failures = new Map<string, unknown>();
  try {
    const accounts = await cluster.listServiceAccounts(namespace, signal);
    // Last, so that an entry which came with a Secret of somebody else is none of those that were seen.
    const secrets = await cluster.listPullSecrets(secret, namespace, signal);
    if (secrets.length > 0) return { kind: 'inUse' };
    for (const account of accounts) {
      if (referencesTo(secret, account) === 0) continue;
      try {
        if (await isDone(cluster.detach(account, secret, signal))) detached += 1;
      } catch (error) {
        failures.set(account.name, error);
      }
    }
    return { kind: 'cleared', detached, failures };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Deletes our Secrets: first detaches every ServiceAccount that references one, then deletes it. Can be repeated. */
import { countOf } from '../domain/count-of.ts';
import { ObsoleteError } from '../domain/errors.ts';
import type { CachedPullSecret } from '../domain/state/observed.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import type { Outcome, Target } from './clearing.ts';
import { type FoundSecret, isDeletable, namespaceTerminating, recreated } from './leftover.ts';
import { listPullSecrets, type SurveySource } from './survey.ts';
import type { Tally } from './report.ts';

type Cluster = Pick<CleanupCluster, 'readNamespace' | 'listServiceAccounts' | 'detach' | 'delete'>;

export function secretTarget(
  source: SurveySource & { readonly cluster: Cluster },
  tally: Tally,
): Target<FoundSecret> {
  return {
    todo: (count) => `${countOf(count, 'Secret')} to delete`,
    list: () => listPullSecrets(source),
    isClearable: isDeletable,
    idOf: ({ uid }) => uid,
    placeOf: ({ namespace }) => namespace,
    clear: (_namespace, secrets, signal) =>
      Promise.all(
        secrets.map(async (one) => [one, await clearSecret(one, { ...source, tally }, signal)]),
      ),
    reappeared: recreated,
    progress(open) {
      const { deletedSecrets, detachedServiceAccounts } = tally.counts;
      return `${countOf(deletedSecrets, 'Secret')} deleted, ${countOf(detachedServiceAccounts, 'ServiceAccount')} detached, ${countOf(open, 'Secret')} to go`;
    },
  };
}

/**
 * Never rejects. The Secret must be ours to delete.
 *
 * @internal Exported for its test.
 */
export async function clearSecret(
  pullSecret: CachedPullSecret,
  { cluster, tally }: { readonly cluster: Cluster; readonly tally: Tally },
  signal: AbortSignal,
): Promise<Outcome> {
  const { namespace } = pullSecret;
  try {
    const found = await cluster.readNamespace(namespace, signal);
    if (found?.terminating !== false) return { error: namespaceTerminating() };
    const accounts = await cluster.listServiceAccounts(namespace, signal);
    for (const account of accounts) {
      if (account.references === 0) continue;
      if (await isDone(cluster.detach(account, signal))) tally.detached(namespace);
    }
    await cluster.delete(pullSecret, signal);
    tally.deleted(namespace);
    return 'cleared';
  } catch (error) {
    return { error };
  }
}

/** False if the ServiceAccount is gone, and its reference with it. */
export async function isDone(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof ObsoleteError) return false;
    throw error;
  }
}

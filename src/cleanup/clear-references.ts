/** Takes entries of ServiceAccounts out that name our Secret where there is none. So it can be repeated. */
import { StalledError } from '../domain/errors.ts';
import type { CachedServiceAccount } from '../domain/state/observed.ts';
import { referencesTo } from '../domain/plan/plan-service-accounts.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isDone } from './clear-secret.ts';
import type { Outcome, Target } from './clearing.ts';
import { findOrphanedReferences } from './find-orphaned-references.ts';
import type { OrphanedReference, Tally } from './report.ts';
import type { SurveySource } from './survey.ts';

interface Source extends SurveySource {
  readonly cluster: SurveySource['cluster'] & Pick<CleanupCluster, 'detach'>;
  /** Else they are only looked for. */
  readonly takesOrphanedReferences: boolean;
}

export function orphanedReferenceTarget(source: Source, tally: Tally): Target<OrphanedReference> {
  const { takesOrphanedReferences } = source;
  const keyOf = ({ namespace, serviceAccount }: OrphanedReference) =>
    `${namespace}/${serviceAccount}`;
  return {
    todo: 'orphaned references to detach',
    async list() {
      const { found, unread } = await findOrphanedReferences(source);
      // Of no matter where nothing is to go.
      return { found, unread: takesOrphanedReferences ? unread : [] };
    },
    isToGo: () => takesOrphanedReferences,
    idOf: keyOf,
    placeOf: keyOf,
    clear: (namespace, entries, signal) =>
      clearEntries(namespace, entries, { ...source, tally }, signal),
    thereAgain: writtenAgain,
    progress: (open) =>
      `${tally.counts.detachedOrphanedReferences} orphaned references detached, ${open} namespaces to go`,
  };
}

function writtenAgain(): StalledError {
  const message =
    'taken out twice, and there again: a controller that does not heed the mark writes it';
  return new StalledError(message, { code: 'CLEANUP_UNDONE' });
}

interface Dependencies extends Pick<Source, 'cluster' | 'secretName'> {
  readonly tally: Tally;
}

/** Never rejects. */
async function clearEntries(
  namespace: string,
  entries: readonly OrphanedReference[],
  deps: Dependencies,
  signal: AbortSignal,
): Promise<readonly (readonly [OrphanedReference, Outcome])[]> {
  const { cluster, secretName } = deps;
  try {
    const accounts = await cluster.listServiceAccounts(namespace, signal);
    // Last, so that an entry which came with a Secret of somebody else is none of those that were seen.
    const secrets = await cluster.listPullSecrets(namespace, signal);
    // They may be in use by now.
    if (secrets.length > 0) return entries.map((entry) => [entry, 'spared']);
    const attached = accounts.filter((account) => referencesTo(secretName, account) > 0);
    const failures = await detachAll(attached, deps, signal);
    return entries.map((entry) => {
      const error = failures.get(entry.serviceAccount);
      return [entry, error === undefined ? 'cleared' : { error }];
    });
  } catch (error) {
    return entries.map((entry) => [entry, { error }]);
  }
}

/** Gives the failures by ServiceAccount: one that fails keeps nobody from the others. */
async function detachAll(
  accounts: readonly CachedServiceAccount[],
  { cluster, tally }: Dependencies,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, unknown>> {
  const failures = new Map<string, unknown>();
  for (const account of accounts) {
    try {
      if (await isDone(cluster.detach(account, signal))) tally.detachedOrphan(account.namespace);
    } catch (error) {
      failures.set(account.name, error);
    }
  }
  return failures;
}

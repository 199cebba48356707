/** Removes orphaned references to our Secret from ServiceAccounts. Can be repeated. */
import { countOf } from '../domain/count-of.ts';
import { StalledError } from '../domain/errors.ts';
import type { CachedServiceAccount } from '../domain/state/observed.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isDone } from './clear-secret.ts';
import type { Outcome, Target } from './clearing.ts';
import { findOrphanedReferences } from './find-orphaned-references.ts';
import type { OrphanedReference, Tally } from './report.ts';
import { listPullSecretsIn, type SurveySource } from './survey.ts';

interface Source extends SurveySource {
  readonly cluster: SurveySource['cluster'] & Pick<CleanupCluster, 'detach'>;
  /** If false, they are only listed. */
  readonly removesOrphanedReferences: boolean;
}

export function orphanedReferenceTarget(source: Source, tally: Tally): Target<OrphanedReference> {
  const { removesOrphanedReferences } = source;
  const keyOf = ({ namespace, serviceAccount }: OrphanedReference) =>
    `${namespace}/${serviceAccount}`;
  return {
    todo: (count) => `${countOf(count, 'orphaned reference')} to detach`,
    async list() {
      const { found, unread } = await findOrphanedReferences(source);
      // Irrelevant if nothing is to be removed.
      return { found, unread: removesOrphanedReferences ? unread : [] };
    },
    isClearable: () => removesOrphanedReferences,
    idOf: keyOf,
    placeOf: keyOf,
    clear: (namespace, references, signal) =>
      clearReferences(namespace, references, { ...source, tally }, signal),
    reappeared: addedAgain,
    progress: (open) =>
      `${countOf(tally.counts.detachedOrphanedReferences, 'orphaned reference')} detached, ${countOf(open, 'namespace')} to go`,
  };
}

function addedAgain(): StalledError {
  const message =
    'removed twice and added again: a controller that ignores the pause annotation adds it';
  return new StalledError(message, { code: 'CLEANUP_UNDONE' });
}

interface Dependencies extends Pick<Source, 'cluster' | 'secretName' | 'settings'> {
  readonly tally: Tally;
}

/** Never rejects. */
async function clearReferences(
  namespace: string,
  references: readonly OrphanedReference[],
  deps: Dependencies,
  signal: AbortSignal,
): Promise<readonly (readonly [OrphanedReference, Outcome])[]> {
  const { cluster } = deps;
  try {
    const accounts = await cluster.listServiceAccounts(namespace, signal);
    // Secrets last: a reference that was added together with somebody else's Secret must not count as orphaned.
    const secrets = await listPullSecretsIn(namespace, deps, signal);
    // The references may be in use by now.
    if (!secrets.every(({ isUnclaimed }) => isUnclaimed)) {
      return references.map((reference) => [reference, 'spared']);
    }
    const attached = accounts.filter((account) => account.references > 0);
    const failures = await detachAll(attached, deps, signal);
    return references.map((reference) => {
      const error = failures.get(reference.serviceAccount);
      return [reference, error === undefined ? 'cleared' : { error }];
    });
  } catch (error) {
    return references.map((reference) => [reference, { error }]);
  }
}

/** Returns the failures by ServiceAccount; one that fails does not stop the others. */
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

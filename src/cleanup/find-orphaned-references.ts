/** Finds orphaned references: ServiceAccounts that name our Secret in namespaces where there is none, or nobody's. */
import type { CachedServiceAccount } from '../domain/state/observed.ts';
import {
  type FoundSecret,
  orphanedReferencesOf,
  unlistedLeftover,
  unreadServiceAccountLeft,
} from './leftover.ts';
import { persist } from './persist.ts';
import type { OrphanedReference } from './report.ts';
import { listPullSecrets, namespacesOf, type Survey, type SurveySource } from './survey.ts';

interface AccountSurvey {
  readonly accounts: readonly CachedServiceAccount[];
  /** By namespace: why its ServiceAccounts could not be listed. */
  readonly refusals: ReadonlyMap<string, unknown>;
}

/** Lists the Secrets last: a reference to one that was created meanwhile is not orphaned. */
export async function findOrphanedReferences(
  source: SurveySource,
): Promise<Survey<OrphanedReference>> {
  const accounts = await listServiceAccounts(source);
  return orphanedAmong(accounts, await listPullSecrets(source), source.secretName);
}

/** Rejects with the error of a refused cluster-wide list, or with the signal's abort reason. */
export async function listServiceAccounts(source: SurveySource): Promise<AccountSurvey> {
  const { cluster, scope, signal } = source;
  const accounts: CachedServiceAccount[] = [];
  const refusals = new Map<string, unknown>();
  for (const namespace of namespacesOf(scope)) {
    try {
      const ask = () => cluster.listServiceAccounts(namespace, signal);
      accounts.push(...(await persist(ask, source)));
    } catch (error) {
      if (namespace === undefined || signal.aborted) throw error;
      refusals.set(namespace, error);
    }
  }
  return { accounts, refusals };
}

/**
 * Finds none where the Secrets could not be listed: there may be one. `unread`: the namespaces without our Secret whose
 * ServiceAccounts could not be listed, and the ServiceAccounts there that are too large to be read.
 */
export function orphanedAmong(
  { accounts, refusals }: AccountSurvey,
  secrets: Survey<FoundSecret>,
  secretName: string,
): Survey<OrphanedReference> {
  const claimed = secrets.found.filter(({ isUnclaimed }) => !isUnclaimed);
  const withSecret = new Set([...claimed, ...secrets.unread].map(({ namespace }) => namespace));
  const suspects = accounts.filter(({ namespace }) => !withSecret.has(namespace));
  const found = suspects.flatMap((account) => orphanedReferencesOf(account, secretName));
  const unlisted = [...refusals]
    .filter(([namespace]) => !withSecret.has(namespace))
    .map(([namespace, error]) => unlistedLeftover({ namespace, name: secretName }, error));
  const tooLarge = suspects
    .filter((account) => account.tooLarge === true)
    .map((account) => unreadServiceAccountLeft(account, secretName));
  return { found, unread: [...unlisted, ...tooLarge] };
}

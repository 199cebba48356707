/** Entries of ServiceAccounts that name a Secret of ours where there is none. */
import type { CachedPullSecret, CachedServiceAccount } from '../domain/state/observed.ts';
import { orphanedReferencesOf, unlistedLeftover } from './leftover.ts';
import { persist } from './persist.ts';
import type { OrphanedReference } from './report.ts';
import { listPullSecrets, namespacesOf, type Survey, type SurveySource } from './survey.ts';

interface AccountSurvey {
  readonly accounts: readonly CachedServiceAccount[];
  /** By namespace: why those of it could not be listed. */
  readonly refusals: ReadonlyMap<string, unknown>;
}

/** The Secrets last: whoever names one that has come meanwhile is no orphan. */
export async function findOrphanedReferences(
  source: SurveySource,
): Promise<Survey<OrphanedReference>> {
  const accounts = await listServiceAccounts(source);
  return orphanedAmong(accounts, await listPullSecrets(source), source.secretName);
}

/** Rejects with what a list of the whole cluster was refused with, or what the signal was aborted with. */
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
 * None where the Secrets could not be looked at: there may be one. Unread are the namespaces whose Secrets could be looked
 * at, and whose ServiceAccounts could not.
 */
export function orphanedAmong(
  { accounts, refusals }: AccountSurvey,
  secrets: Survey<CachedPullSecret>,
  secretName: string,
): Survey<OrphanedReference> {
  const there = new Set([...secrets.found, ...secrets.unread].map(({ namespace }) => namespace));
  const found = accounts
    .filter(({ namespace }) => !there.has(namespace))
    .flatMap((account) => orphanedReferencesOf(account, secretName));
  const unread = [...refusals]
    .filter(([namespace]) => !there.has(namespace))
    .map(([namespace, error]) => unlistedLeftover({ namespace, name: secretName }, error));
  return { found, unread };
}

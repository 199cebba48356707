/** What there is of an instance: Secrets of its names, and ServiceAccounts that name one. */
import type { Clock } from '../controller/ports.ts';
import type { PullSecretRecord, ServiceAccountRecord } from '../domain/observed.ts';
import { referencesTo } from '../domain/plan-service-accounts.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isDeletable, leftoverOf, strayEntriesOf } from './leftover.ts';
import { persist } from './persist.ts';
import type { CleanupReport, StrayEntry } from './report.ts';

export interface SurveySource {
  readonly cluster: Pick<CleanupCluster, 'listPullSecrets' | 'listServiceAccounts'>;
  readonly secretNames: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Whosever they are. Rejects with what a list was refused with, or what the signal was aborted with. */
export async function listPullSecrets(source: SurveySource): Promise<readonly PullSecretRecord[]> {
  const { cluster, secretNames, signal } = source;
  const found: PullSecretRecord[] = [];
  for (const name of secretNames) {
    found.push(...(await persist(() => cluster.listPullSecrets(name, signal), source)));
  }
  return found;
}

/** Entries that name a Secret where there is none. */
export async function findStrayEntries(
  pullSecrets: readonly PullSecretRecord[],
  source: SurveySource,
): Promise<readonly StrayEntry[]> {
  return strayAmong(await listServiceAccounts(source), pullSecrets, source.secretNames);
}

/** Changes nothing. */
export async function dryRun(source: SurveySource): Promise<Omit<CleanupReport, 'resume'>> {
  const pullSecrets = await listPullSecrets(source);
  const accounts = await listServiceAccounts(source);
  const deletable = new Set(pullSecrets.filter(isDeletable).map(keyOf));
  const isAttached = (account: ServiceAccountRecord): boolean =>
    source.secretNames.some(
      (name) =>
        deletable.has(keyOf({ namespace: account.namespace, name })) &&
        referencesTo(name, account) > 0,
    );
  return {
    ending: { kind: 'dryRun', attachedServiceAccounts: accounts.filter(isAttached).length },
    deletedSecrets: 0,
    detachedServiceAccounts: 0,
    namespaces: 0,
    left: pullSecrets.map(leftoverOf),
    strayEntries: strayAmong(accounts, pullSecrets, source.secretNames),
  };
}

function listServiceAccounts(source: SurveySource): Promise<readonly ServiceAccountRecord[]> {
  return persist(() => source.cluster.listServiceAccounts(undefined, source.signal), source);
}

function strayAmong(
  accounts: readonly ServiceAccountRecord[],
  pullSecrets: readonly PullSecretRecord[],
  secretNames: readonly string[],
): readonly StrayEntry[] {
  const existing = new Set(pullSecrets.map(keyOf));
  return accounts.flatMap((account) =>
    secretNames
      .filter((name) => !existing.has(keyOf({ namespace: account.namespace, name })))
      .flatMap((name) => strayEntriesOf(account, name)),
  );
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

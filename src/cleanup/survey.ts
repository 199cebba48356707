/** What there is of an instance: Secrets of its names, and ServiceAccounts that name one. */
import type { Clock } from '../controller/ports.ts';
import type { PullSecretRecord, ServiceAccountRecord } from '../domain/observed.ts';
import { referencesTo } from '../domain/plan-service-accounts.ts';
import type { Scope } from '../domain/scope.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isForbidden } from '../kubernetes/api-error.ts';
import {
  isDeletable,
  leftoverOf,
  type NamespaceState,
  strayEntriesOf,
  unreadLeftover,
} from './leftover.ts';
import { persist } from './persist.ts';
import type { CleanupReport, Leftover, StrayEntry } from './report.ts';

export interface SurveySource {
  readonly cluster: Pick<CleanupCluster, 'isGoing' | 'listPullSecrets' | 'listServiceAccounts'>;
  readonly scope: Scope;
  readonly secretNames: readonly string[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Survey {
  /** Whosever they are. */
  readonly pullSecrets: readonly PullSecretRecord[];
  /** For each of the named namespaces that could not be looked at: it keeps nobody from the others. */
  readonly unread: readonly Leftover[];
}

/** Rejects with what a list of the whole cluster was refused with, or what the signal was aborted with. */
export async function listPullSecrets(source: SurveySource): Promise<Survey> {
  const { cluster, scope, secretNames, signal } = source;
  const pullSecrets: PullSecretRecord[] = [];
  const unread: Leftover[] = [];
  for (const { name, namespace } of lists(scope, secretNames)) {
    try {
      const ask = () => cluster.listPullSecrets(name, namespace, signal);
      pullSecrets.push(...(await persist(ask, source)));
    } catch (error) {
      if (namespace === undefined || signal.aborted) throw error;
      const state = await stateOf(namespace, error, source);
      unread.push(unreadLeftover({ namespace, name }, state, error));
    }
  }
  return { pullSecrets, unread };
}

/** The Role of a namespace is gone with it, so that its Secrets are refused in either case: it is asked for itself. */
async function stateOf(
  namespace: string,
  refusal: unknown,
  source: SurveySource,
): Promise<NamespaceState> {
  if (!isForbidden(refusal)) return 'there';
  const { cluster, signal } = source;
  try {
    const isGoing = await persist(() => cluster.isGoing(namespace, signal), source);
    return isGoing ? 'going' : 'there';
  } catch (error) {
    if (signal.aborted) throw error;
    return isForbidden(error) ? 'refused' : 'there';
  }
}

function lists(scope: Scope, secretNames: readonly string[]) {
  return secretNames.flatMap((name) =>
    namespacesOf(scope).map((namespace) => ({ name, namespace })),
  );
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
  const { pullSecrets, unread } = await listPullSecrets(source);
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
    left: [...pullSecrets.map(leftoverOf), ...unread],
    strayEntries: strayAmong(accounts, pullSecrets, source.secretNames),
    lease: 'kept',
  };
}

/** Of the namespaces that may be looked at: of the others `unread` tells. */
async function listServiceAccounts(source: SurveySource): Promise<readonly ServiceAccountRecord[]> {
  const { cluster, scope, signal } = source;
  const found: ServiceAccountRecord[] = [];
  for (const namespace of namespacesOf(scope)) {
    try {
      const ask = () => cluster.listServiceAccounts(namespace, signal);
      found.push(...(await persist(ask, source)));
    } catch (error) {
      if (namespace === undefined || signal.aborted) throw error;
    }
  }
  return found;
}

/** `undefined`: all at once. */
function namespacesOf(scope: Scope): readonly (string | undefined)[] {
  return scope.kind === 'cluster' ? [undefined] : scope.names;
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

/** Lists what exists of an instance: the Secrets of its name. */
import type { Clock } from '../base/clock.ts';
import type { CachedPullSecret } from '../domain/state/observed.ts';
import { decideOptIn } from '../domain/eligibility/opt-in.ts';
import { isNobodys } from '../domain/eligibility/ownership.ts';
import type { Scope } from '../domain/scope.ts';
import type { Settings } from '../domain/settings.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isForbidden } from '../kubernetes/transport/api-error.ts';
import { type FoundSecret, type NamespaceState, unreadLeftover } from './leftover.ts';
import { persist } from './persist.ts';
import type { Leftover } from './report.ts';

export interface SurveySource {
  readonly cluster: Pick<
    CleanupCluster,
    'readNamespace' | 'listPullSecrets' | 'listServiceAccounts'
  >;
  /** Which namespaces are opted in. */
  readonly settings: Pick<Settings, 'namespaces'>;
  readonly scope: Scope;
  readonly secretName: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Survey<T> {
  readonly found: readonly T[];
  /** One for each named namespace that could not be read; it does not stop the others. */
  readonly unread: readonly Leftover[];
}

/**
 * The Secrets of our name, whoever owns them. Rejects with the error of a refused cluster-wide list, or with the abort
 * reason of `signal`.
 */
export async function listPullSecrets(source: SurveySource): Promise<Survey<FoundSecret>> {
  const { scope, secretName: name, signal } = source;
  const found: FoundSecret[] = [];
  const unread: Leftover[] = [];
  for (const namespace of namespacesOf(scope)) {
    try {
      const ask = () => listPullSecretsIn(namespace, source, signal);
      found.push(...(await persist(ask, source)));
    } catch (error) {
      if (namespace === undefined || signal.aborted) throw error;
      const state = await stateOf(namespace, error, source);
      unread.push(unreadLeftover({ namespace, name }, state, error));
    }
  }
  return { found, unread };
}

/** Those of one namespace, or of all. */
export async function listPullSecretsIn(
  namespace: string | undefined,
  source: Pick<SurveySource, 'cluster' | 'settings'>,
  signal: AbortSignal,
): Promise<readonly FoundSecret[]> {
  const found: FoundSecret[] = [];
  for (const one of await source.cluster.listPullSecrets(namespace, signal)) {
    found.push({ ...one, isUnclaimed: await isUnclaimed(one, source, signal) });
  }
  return found;
}

/** Reads the namespace of a Secret that has only our labels. */
async function isUnclaimed(
  pullSecret: CachedPullSecret,
  { cluster, settings }: Pick<SurveySource, 'cluster' | 'settings'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (pullSecret.appliedByUs || !pullSecret.labelledOurs) return false;
  const namespace = await cluster.readNamespace(pullSecret.namespace, signal);
  return namespace !== undefined && isNobodys(pullSecret, decideOptIn(namespace, settings));
}

/** Reads the namespace itself: its Role is deleted with it, so its Secrets are refused whether it exists or not. */
async function stateOf(
  namespace: string,
  refusal: unknown,
  source: SurveySource,
): Promise<NamespaceState> {
  if (!isForbidden(refusal)) return 'exists';
  const { cluster, signal } = source;
  try {
    const found = await persist(() => cluster.readNamespace(namespace, signal), source);
    return found?.terminating === false ? 'exists' : 'terminating';
  } catch (error) {
    if (signal.aborted) throw error;
    return isForbidden(error) ? 'refused' : 'exists';
  }
}

/** `undefined`: all namespaces in one list. */
export function namespacesOf(scope: Scope): readonly (string | undefined)[] {
  return scope.kind === 'cluster' ? [undefined] : scope.names;
}

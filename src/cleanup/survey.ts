/** Lists what exists of an instance: the Secrets of its name. */
import type { Clock } from '../base/clock.ts';
import type { CachedPullSecret } from '../domain/state/observed.ts';
import type { Scope } from '../domain/scope.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isForbidden } from '../kubernetes/transport/api-error.ts';
import { type NamespaceState, unreadLeftover } from './leftover.ts';
import { persist } from './persist.ts';
import type { Leftover } from './report.ts';

export interface SurveySource {
  readonly cluster: Pick<
    CleanupCluster,
    'isNamespaceTerminating' | 'listPullSecrets' | 'listServiceAccounts'
  >;
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
export async function listPullSecrets(source: SurveySource): Promise<Survey<CachedPullSecret>> {
  const { cluster, scope, secretName: name, signal } = source;
  const found: CachedPullSecret[] = [];
  const unread: Leftover[] = [];
  for (const namespace of namespacesOf(scope)) {
    try {
      const ask = () => cluster.listPullSecrets(namespace, signal);
      found.push(...(await persist(ask, source)));
    } catch (error) {
      if (namespace === undefined || signal.aborted) throw error;
      const state = await stateOf(namespace, error, source);
      unread.push(unreadLeftover({ namespace, name }, state, error));
    }
  }
  return { found, unread };
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
    const isNamespaceTerminating = await persist(
      () => cluster.isNamespaceTerminating(namespace, signal),
      source,
    );
    return isNamespaceTerminating ? 'terminating' : 'exists';
  } catch (error) {
    if (signal.aborted) throw error;
    return isForbidden(error) ? 'refused' : 'exists';
  }
}

/** `undefined`: all namespaces in one list. */
export function namespacesOf(scope: Scope): readonly (string | undefined)[] {
  return scope.kind === 'cluster' ? [undefined] : scope.names;
}

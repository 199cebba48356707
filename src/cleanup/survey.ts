/** What there is of an instance: the Secrets of its name. */
import type { Clock } from '../base/clock.ts';
import type { CachedPullSecret } from '../domain/state/observed.ts';
import type { Scope } from '../domain/scope.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { isForbidden } from '../kubernetes/transport/api-error.ts';
import { type NamespaceState, unreadLeftover } from './leftover.ts';
import { persist } from './persist.ts';
import type { Leftover } from './report.ts';

export interface SurveySource {
  readonly cluster: Pick<CleanupCluster, 'isGoing' | 'listPullSecrets' | 'listServiceAccounts'>;
  readonly scope: Scope;
  readonly secretName: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Survey<T> {
  readonly found: readonly T[];
  /** For each of the named namespaces that could not be looked at: it keeps nobody from the others. */
  readonly unread: readonly Leftover[];
}

/**
 * The Secrets of our name, whosever they are. Rejects with what a list of the whole cluster was refused with, or what the
 * signal was aborted with.
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

/** `undefined`: all at once. */
export function namespacesOf(scope: Scope): readonly (string | undefined)[] {
  return scope.kind === 'cluster' ? [undefined] : scope.names;
}

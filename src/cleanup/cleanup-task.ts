/** What a cleanup has to do, and with what. */
import type { Clock } from '../base/clock.ts';
import type { Scope } from '../domain/scope.ts';
import type { Settings } from '../domain/settings.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';

export interface CleanupTask {
  readonly cluster: CleanupCluster;
  readonly clock: Clock;
  /** The namespaces that may hold something of ours. */
  readonly scope: Scope;
  readonly secretName: string;
  readonly settings: Pick<Settings, 'namespaces'>;
  /** Whether to remove orphaned references too: anybody may have added them. */
  readonly removesOrphanedReferences: boolean;
  readonly timeoutMs: number;
  /** Ends the cleanup between two namespaces. */
  readonly stop: AbortSignal;
  /** The value of the pause annotation, for people who find it. */
  readonly why: string;
  readonly print: (line: string) => void;
}

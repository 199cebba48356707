/** What a cleanup is to do, and with what. */
import type { Clock } from '../base/clock.ts';
import type { Scope } from '../domain/scope.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';

export interface CleanupTask {
  readonly cluster: CleanupCluster;
  readonly clock: Clock;
  /** Where there may be anything of ours. */
  readonly scope: Scope;
  readonly secretName: string;
  /** Whether entries without a Secret go too: they may be anybody's. */
  readonly takesOrphanedReferences: boolean;
  readonly timeoutMs: number;
  /** Ends it between two namespaces. */
  readonly stop: AbortSignal;
  /** For the mark, and people who find it. */
  readonly why: string;
  readonly tell: (line: string) => void;
}

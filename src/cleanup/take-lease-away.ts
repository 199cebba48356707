/** A Lease that was made for the mark goes when all is done: without Helm's labels it is in the way of an installation. */
import type { Clock } from '../base/clock.ts';
import { ControllerError, renderError } from '../domain/errors.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { persist } from './persist.ts';
import type { LeaseFate } from './report.ts';

interface Going {
  readonly cluster: Pick<CleanupCluster, 'deleteLease'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** `made` where it can't be taken away, which is told: nothing else is undone by that. Rejects for a fault of the program. */
export async function takeLeaseAway({ cluster, clock, signal, tell }: Going): Promise<LeaseFate> {
  try {
    const isGone = await persist(() => cluster.deleteLease(signal), { clock, signal });
    return isGone ? 'deleted' : 'kept';
  } catch (error) {
    if (signal.aborted) return 'made';
    if (!(error instanceof ControllerError)) throw error;
    tell(`the Lease stays: ${renderError(error)}`);
    return 'made';
  }
}

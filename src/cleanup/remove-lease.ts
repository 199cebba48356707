/** Deletes a Lease that cleanup created only for the pause: without Helm's labels it would block an installation. */
import type { Clock } from '../base/clock.ts';
import { ControllerError, renderError } from '../domain/errors.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { persist } from './persist.ts';
import type { LeaseFate } from './report.ts';

interface Source {
  readonly cluster: Pick<CleanupCluster, 'deleteLease'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** `created` if it can't be deleted; it prints why, as all else is done. Rejects only for a bug of ours. */
export async function removeLease({ cluster, clock, signal, print }: Source): Promise<LeaseFate> {
  try {
    const isGone = await persist(() => cluster.deleteLease(signal), { clock, signal });
    return isGone ? 'deleted' : 'kept';
  } catch (error) {
    if (signal.aborted) return 'created';
    if (!(error instanceof ControllerError)) throw error;
    print(`the Lease was not deleted: ${renderError(error)}`);
    return 'created';
  }
}

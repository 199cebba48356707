/** Marks the Lease as paused and waits until nobody can be writing any more. */
import { LEASE_MS } from '../controller/election/lease-times.ts';
import { LeaseObservation, type ObservedLease } from '../controller/election/lease.ts';
import { pause } from '../base/pause.ts';
import type { Clock } from '../base/clock.ts';
import { DuplicateFilter } from '../base/duplicate-filter.ts';
import { StalledError } from '../domain/errors.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { persist } from './persist.ts';
import type { LeaseFate } from './report.ts';

const LOOK_EVERY_MS = 500;
const TELL_EVERY_MS = 3_000;
/** A leader that heeds the mark is gone after ten seconds, one that is dead after fifteen. */
const PATIENCE_MS = 60_000;
/** For what a leader had on the network when its term ended. */
const SETTLE_MS = 2_000;

const NEVER_HELD =
  'nobody has ever held the Lease: a controller that runs with --leader-elect false does not see the mark, and must be stopped';

export interface Pausing {
  readonly cluster: Pick<CleanupCluster, 'readLease' | 'pause'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For people: who has paused it, and when. */
  readonly why: string;
  readonly tell: (line: string) => void;
  /** Hears what is to become of the Lease, and may hear it again. */
  readonly noteLease: (fate: LeaseFate) => void;
}

/** Throws a `StalledError` where the mark can't be set, or nobody heeds it. */
export async function pauseLeader(pausing: Pausing): Promise<void> {
  const { cluster, why, tell, noteLease } = pausing;
  const isMadeForMark = await persist(() => cluster.pause(why, pausing.signal), pausing);
  noteLease(isMadeForMark ? 'made' : 'kept');
  tell('the Lease is marked as paused');
  const { acquiredAt } = await waitForPause(pausing);
  if (acquiredAt.getTime() === 0) tell(NEVER_HELD);
  await pause(pausing.clock, SETTLE_MS, pausing.signal);
  pausing.signal.throwIfAborted();
}

/**
 * Waits until nobody holds the Lease, or its holder has not renewed for so long that its term is over: by what we see, as
 * its own times are not to be believed. A Lease that has vanished is made again with the mark. Throws a `StalledError`
 * where somebody has taken the mark off.
 */
export async function waitForPause(pausing: Pausing): Promise<ObservedLease> {
  const { cluster, clock, signal, why, tell, noteLease } = pausing;
  const observation = new LeaseObservation();
  const startedAtMs = clock.monotonicMs();
  const repeats = new DuplicateFilter(TELL_EVERY_MS);
  for (;;) {
    const lease = await persist(() => cluster.readLease(signal), pausing);
    const nowMs = clock.monotonicMs();
    observation.note(lease, nowMs);
    if (lease === undefined) {
      await persist(() => cluster.pause(why, signal), pausing);
      // Whoever took it away may run on, and is to find the mark.
      noteLease('kept');
    } else if (!lease.paused) throw resumed();
    else if (observation.remainingMs(LEASE_MS, nowMs) === 0) return lease;
    if (nowMs - startedAtMs > PATIENCE_MS) throw notHeeded(observation.holder);
    if (observation.holder !== '' && repeats.isNews('holder', '', nowMs)) {
      tell(`waiting for ${observation.holder} to let go of the lead`);
    }
    await pause(clock, LOOK_EVERY_MS, signal);
    signal.throwIfAborted();
  }
}

function resumed(): StalledError {
  const message = 'the mark on the Lease was taken off: somebody lets the controller go on';
  return new StalledError(message, { code: 'CLEANUP_RESUMED' });
}

function notHeeded(holder: string): StalledError {
  return new StalledError(`${holder} leads on in spite of the mark`, {
    code: 'CLEANUP_NOT_HEEDED',
    fix: 'it may be a version that does not know it: scale its Deployment to 0 and repeat',
  });
}

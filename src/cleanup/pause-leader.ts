/** Sets the pause annotation on the Lease and waits until nobody can write any more. */
import { LEASE_MS } from '../controller/election/lease-times.ts';
import { LeaseObservation, type ObservedLease } from '../controller/election/lease.ts';
import { pause } from '../base/pause.ts';
import type { Clock } from '../base/clock.ts';
import { DuplicateFilter } from '../base/duplicate-filter.ts';
import { StalledError } from '../domain/errors.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { persist } from './persist.ts';
import type { LeaseFate } from './report.ts';

const READ_EVERY_MS = 500;
const PRINT_EVERY_MS = 3_000;
/** A leader that respects the annotation stops within ten seconds; the term of a dead one ends after fifteen. */
const PATIENCE_MS = 60_000;
/** For requests that a leader still had on the network when its term ended. */
const SETTLE_MS = 2_000;

const NEVER_HELD =
  'nobody has ever held the Lease: a controller that runs with --leader-elect false does not see the pause, and must be stopped';

export interface Pausing {
  readonly cluster: Pick<CleanupCluster, 'readLease' | 'pause'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For people: who paused it, and when. */
  readonly why: string;
  readonly print: (line: string) => void;
  /** Receives what is to become of the Lease; may be called again. */
  readonly noteLease: (fate: LeaseFate) => void;
}

/** Throws a `StalledError` if the annotation can't be set, or the leader ignores it. */
export async function pauseLeader(pausing: Pausing): Promise<void> {
  const { cluster, why, print, noteLease } = pausing;
  const isCreatedForPause = await persist(() => cluster.pause(why, pausing.signal), pausing);
  noteLease(isCreatedForPause ? 'created' : 'kept');
  print('the Lease is paused');
  const { acquiredAt } = await waitForPause(pausing);
  if (acquiredAt.getTime() === 0) print(NEVER_HELD);
  await pause(pausing.clock, SETTLE_MS, pausing.signal);
  pausing.signal.throwIfAborted();
}

/**
 * Waits until nobody holds the Lease, or its holder has not renewed it for so long that its term is over. We measure
 * that ourselves, because the times in the Lease can't be trusted. A Lease that has vanished is created again with the
 * annotation. Throws a `StalledError` if somebody has removed the annotation.
 */
export async function waitForPause(pausing: Pausing): Promise<ObservedLease> {
  const { cluster, clock, signal, why, print, noteLease } = pausing;
  const observation = new LeaseObservation();
  const startedAtMs = clock.monotonicMs();
  const repeats = new DuplicateFilter(PRINT_EVERY_MS);
  for (;;) {
    const lease = await persist(() => cluster.readLease(signal), pausing);
    const nowMs = clock.monotonicMs();
    observation.note(lease, nowMs);
    if (lease === undefined) {
      await persist(() => cluster.pause(why, signal), pausing);
      // Whoever deleted it may still be running, and must find the annotation.
      noteLease('kept');
    } else if (!lease.paused) throw resumed();
    else if (observation.remainingMs(LEASE_MS, nowMs) === 0) return lease;
    if (nowMs - startedAtMs > PATIENCE_MS) throw ignored(observation.holder);
    if (observation.holder !== '' && repeats.isNews('holder', '', nowMs)) {
      print(`waiting for ${observation.holder} to release the Lease`);
    }
    await pause(clock, READ_EVERY_MS, signal);
    signal.throwIfAborted();
  }
}

function resumed(): StalledError {
  const message =
    'somebody removed the pause annotation from the Lease and so resumed the controller';
  return new StalledError(message, { code: 'CLEANUP_RESUMED' });
}

function ignored(holder: string): StalledError {
  return new StalledError(`${holder} keeps leading despite the pause annotation`, {
    code: 'CLEANUP_PAUSE_IGNORED',
    fix: 'it may be a version that does not know the annotation: scale its Deployment to 0, and repeat cleanup',
  });
}

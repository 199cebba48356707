/** What we write to the lease: our name to take it, no name to release it. */
import { ControllerError } from '../../domain/errors.ts';
import { LEASE_MS } from './lease-times.ts';
import type { LeaseStore, ObservedLease } from './lease.ts';

/** The API server rejects a lease with a higher count. */
const MAX_TRANSITIONS = 2 ** 31 - 1;
const RELEASE_ATTEMPTS = 4;

interface Taking {
  readonly candidate: string;
  readonly now: Date;
  readonly observed: ObservedLease | undefined;
  readonly signal: AbortSignal;
}

/** Acquires the lease, or renews it if we hold it. Throws as `LeaseStore.write` does. */
export function takeLease(
  store: LeaseStore,
  { candidate, now, observed, signal }: Taking,
): Promise<ObservedLease> {
  const isOurs = observed?.holder === candidate;
  const before = observed?.transitions ?? -1;
  const term = {
    holder: candidate,
    acquiredAt: isOurs ? observed.acquiredAt : now,
    renewedAt: now,
    transitions: isOurs ? before : Math.min(before + 1, MAX_TRANSITIONS),
    durationMs: LEASE_MS,
  };
  return store.write(term, observed, signal);
}

interface Clearing {
  readonly candidate: string;
  readonly now: Date;
  /** The lease as last observed. */
  readonly known: ObservedLease | undefined;
  readonly signal: AbortSignal;
}

/**
 * Removes our name, even if it got there by a renewal that was aborted. False: the lease does not have it. Throws what
 * prevents the removal.
 */
export async function clearLease(
  store: LeaseStore,
  { candidate, now, known, signal }: Clearing,
): Promise<boolean> {
  let lease = known?.holder === candidate ? known : await store.read(signal);
  for (let attempt = 1; lease?.holder === candidate; attempt += 1) {
    const { transitions } = lease;
    const term = { holder: '', acquiredAt: now, renewedAt: now, transitions, durationMs: LEASE_MS };
    try {
      await store.write(term, lease, signal);
      return true;
    } catch (error) {
      if (attempt === RELEASE_ATTEMPTS || !isConflict(error)) throw error;
    }
    lease = await store.read(signal);
  }
  return false;
}

export function isConflict(error: unknown): boolean {
  return error instanceof ControllerError && error.code === 'CONFLICT';
}

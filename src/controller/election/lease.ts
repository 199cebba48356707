/** The Lease as leader election sees it: who holds it, since when nothing about it has changed, whether it is paused. */
import { PAUSED_AFTER_VANISHING_MS } from './lease-times.ts';

/** The fields that we write. */
export interface LeaseFields {
  /** Empty: nobody. */
  readonly holder: string;
  readonly acquiredAt: Date;
  readonly renewedAt: Date;
  /** How often the lease has changed hands. */
  readonly transitions: number;
  /** For others who read the lease; we go by our own. */
  readonly durationMs: number;
}

export interface ObservedLease {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Empty: nobody. */
  readonly holder: string;
  readonly transitions: number;
  /** As its holder wrote it. */
  readonly acquiredAt: Date;
  /** Differs after every renewal. For comparison only: the times in it are not trusted. */
  readonly fingerprint: string;
  /** Has the pause annotation: nobody may lead. */
  readonly paused: boolean;
}

/** Each call ends within five seconds, and when the signal aborts. Throws a `ControllerError`. */
export interface LeaseStore {
  /** `undefined` if there is no lease. */
  read(signal: AbortSignal): Promise<ObservedLease | undefined>;
  /**
   * Changes exactly `observed`; without it, creates the lease. Throws a `TransientError` with code `CONFLICT` if the lease
   * on the server is not that one any more.
   */
  write(
    term: LeaseFields,
    observed: ObservedLease | undefined,
    signal: AbortSignal,
  ): Promise<ObservedLease>;
}

/**
 * When the lease was last seen to change, by the observer's own monotonic clock. The times and the duration in the lease
 * do not count: its holder's clock may be wrong, and anybody who may write it could keep us waiting for ever.
 */
export class LeaseObservation {
  #lease: ObservedLease | undefined;
  #holder = '';
  #changedAtMs = -Infinity;
  /** Until when the pause annotation of a vanished lease counts; in the past if there was none. */
  #pausedUntilMs = -Infinity;

  get lease(): ObservedLease | undefined {
    return this.#lease;
  }

  /** Empty: nobody. If the lease has vanished, still its last holder, which is about to re-create it. */
  get holder(): string {
    return this.#holder;
  }

  note(lease: ObservedLease | undefined, nowMs: number): void {
    const before = this.#lease;
    this.#lease = lease;
    if (lease === undefined) {
      if (before?.paused === true) this.#pausedUntilMs = nowMs + PAUSED_AFTER_VANISHING_MS;
      return;
    }
    this.#pausedUntilMs = -Infinity;
    this.#holder = lease.holder;
    if (before?.uid === lease.uid && before.fingerprint === lease.fingerprint) return;
    this.#changedAtMs = nowMs;
  }

  /** Whether nobody may lead. */
  isPaused(nowMs: number): boolean {
    return this.#lease === undefined ? nowMs < this.#pausedUntilMs : this.#lease.paused;
  }

  /** How long the holder must still be respected; 0: not any more. */
  remainingMs(durationMs: number, nowMs: number): number {
    if (this.#holder === '') return 0;
    return Math.max(0, this.#changedAtMs + durationMs - nowMs);
  }
}

/** The Lease as leader election sees it: who holds it, since when nothing about it has changed, whether it is paused. */
import { PAUSED_AFTER_VANISHING_MS } from './lease-times.ts';

/** What is written. */
export interface LeaseFields {
  /** Empty: nobody. */
  readonly holder: string;
  readonly acquiredAt: Date;
  readonly renewedAt: Date;
  /** How often the lease has changed hands. */
  readonly transitions: number;
  /** For those who read the lease; we judge by our own. */
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
  /** Differs after every renewal; what it says of times is not to be believed. */
  readonly fingerprint: string;
  /** Bears the mark that nobody is to lead. */
  readonly paused: boolean;
}

/** Each call ends within five seconds, and when the signal aborts. Throws a `ControllerError`. */
export interface LeaseStore {
  /** `undefined` where there is no lease. */
  read(signal: AbortSignal): Promise<ObservedLease | undefined>;
  /**
   * Changes exactly `observed`; without it, makes the lease. Throws a `TransientError` with code `CONFLICT` where what
   * stands there by now is something else.
   */
  write(
    term: LeaseFields,
    observed: ObservedLease | undefined,
    signal: AbortSignal,
  ): Promise<ObservedLease>;
}

/**
 * When a lease was last seen to change, by the observer's own monotonic clock. Times and duration that stand in the
 * record count for nothing: its holder's clock may be wrong, and anybody who may write it could keep us waiting for ever.
 */
export class LeaseObservation {
  #lease: ObservedLease | undefined;
  #holder = '';
  #changedAtMs = -Infinity;
  /** The end of what a mark on a lease that has vanished means; in the past where there was none. */
  #pausedUntilMs = -Infinity;

  get lease(): ObservedLease | undefined {
    return this.#lease;
  }

  /** Empty: nobody. Of a lease that has vanished still the last one, who is about to make it anew. */
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

  /** Whether nobody is to lead. */
  isPaused(nowMs: number): boolean {
    return this.#lease === undefined ? nowMs < this.#pausedUntilMs : this.#lease.paused;
  }

  /** Until nobody need respect the holder any more: 0 where that is so. */
  remainingMs(durationMs: number, nowMs: number): number {
    if (this.#holder === '') return 0;
    return Math.max(0, this.#changedAtMs + durationMs - nowMs);
  }
}

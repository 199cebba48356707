/** A lease as the API server stores it, and lease stores that reach it through faults that a test sets. */
import type {
  LeaseStore,
  LeaseFields,
  ObservedLease,
} from '../../../src/controller/election/lease.ts';
import type { Clock } from '../../../src/base/clock.ts';
import { TransientError } from '../../../src/domain/errors.ts';

/** The time limit that `LeaseStore` promises. */
const CALL_LIMIT_MS = 5000;

/** Optimistic concurrency by UID and resourceVersion, as on the real server. */
export class FakeLease {
  #current: ObservedLease | undefined;
  #revision = 0;
  #uids = 0;
  /** All holders in order, without renewals. */
  readonly holders: string[] = [];
  #paused = false;
  writes = 0;

  get current(): ObservedLease | undefined {
    return this.#current;
  }

  read(): ObservedLease | undefined {
    return this.#current;
  }

  write(term: LeaseFields, observed: ObservedLease | undefined): ObservedLease {
    const { uid, resourceVersion } = this.#current ?? {};
    if (observed?.uid !== uid || observed?.resourceVersion !== resourceVersion) {
      throw new TransientError('writing the lease: it was changed', { code: 'CONFLICT' });
    }
    return this.put(term.holder, term);
  }

  /** Overwrites the lease unconditionally, as anybody with the permission may. */
  put(holder: string, more: Partial<Omit<LeaseFields, 'holder'>> = {}): ObservedLease {
    const { transitions = 0, acquiredAt = new Date(0), renewedAt = new Date(0) } = more;
    this.#revision += 1;
    this.writes += 1;
    if (this.#current === undefined) this.#uids += 1;
    this.#current = {
      uid: `uid-${this.#uids}`,
      resourceVersion: String(this.#revision),
      holder,
      transitions,
      acquiredAt,
      fingerprint: `${holder} ${renewedAt.toISOString()} ${transitions}`,
      paused: this.#paused,
    };
    if (this.holders.at(-1) !== holder) this.holders.push(holder);
    return this.#current;
  }

  /** Sets or removes the pause annotation; creates a lease if there is none. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (this.#current === undefined) this.put('');
    else {
      this.#revision += 1;
      this.#current = { ...this.#current, resourceVersion: String(this.#revision), paused };
    }
  }

  delete(): void {
    this.#current = undefined;
    this.#paused = false;
  }
}

export type LeaseFault =
  | 'none'
  /** The request never arrives. */
  | 'hang'
  /** The server handles the call, but its answer never arrives. */
  | 'lose-answer'
  /** The server handles the call after half of this time. */
  | { readonly latencyMs: number }
  | Error;

export class FakeLeaseStore implements LeaseStore {
  readonly #lease: FakeLease;
  readonly #clock: Clock;
  fault: LeaseFault = 'none';
  /** When each call began, in the clock's monotonic time. */
  readonly calls: number[] = [];

  constructor(lease: FakeLease, clock: Clock) {
    this.#lease = lease;
    this.#clock = clock;
  }

  read(signal: AbortSignal): Promise<ObservedLease | undefined> {
    return this.#call(() => this.#lease.read(), signal);
  }

  write(
    term: LeaseFields,
    observed: ObservedLease | undefined,
    signal: AbortSignal,
  ): Promise<ObservedLease> {
    return this.#call(() => this.#lease.write(term, observed), signal);
  }

  async #call<T>(act: () => T, signal: AbortSignal): Promise<T> {
    this.calls.push(this.#clock.monotonicMs());
    signal.throwIfAborted();
    const { fault } = this;
    if (fault instanceof Error) throw fault;
    if (fault === 'hang') return this.#never(signal);
    if (fault === 'none') {
      await Promise.resolve();
      return act();
    }
    if (fault === 'lose-answer') {
      act();
      return this.#never(signal);
    }
    const halfMs = Math.min(fault.latencyMs, CALL_LIMIT_MS) / 2;
    await this.#after(halfMs, signal);
    const answer = act();
    await this.#after(halfMs, signal);
    if (fault.latencyMs >= CALL_LIMIT_MS) throw timeout();
    return answer;
  }

  async #never(signal: AbortSignal): Promise<never> {
    await this.#after(CALL_LIMIT_MS, signal);
    throw timeout();
  }

  #after(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(delayMs, resolve);
      const onAbort = (): void => {
        cancel();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function timeout(): Error {
  return new TransientError('calling the lease: no response in time', { code: 'LEASE_TIMEOUT' });
}

/**
 * Leader election on a Lease, after client-go: the holder writes; the others try every 2 s, and take the lease when it is
 * free or has not changed for 15 s. Losing it ends a term, not the process.
 */
import { TransientError } from '../../domain/errors.ts';
import type { Leadership, LeadershipListener } from './leadership.ts';
import { LeadershipTerm } from './leadership-term.ts';
import { LEASE_MS, nextAttemptInMs, RELEASE_LIMIT_MS } from './lease-times.ts';
import { LeaseObservation, type LeaseStore, type ObservedLease } from './lease.ts';
import { LeaseFailures } from './lease-failures.ts';
import { clearLease, isConflict, takeLease } from './lease-writes.ts';
import { Deadline, unlessAborted } from '../../base/deadline.ts';
import { DuplicateFilter } from '../../base/duplicate-filter.ts';
import { pause } from '../../base/pause.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

const DEAD_AFTER_MS = 60_000;

export interface LeaderElectionOptions {
  /** Unique to this process, and recognisable for people. */
  readonly candidate: string;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Called when a leader finds that its lease was changed, and has to read it before it can renew. */
  readonly onSlowPath?: () => void;
}

/**
 * One candidate for the lease. At most one replica leads as long as their clocks run at about the same speed: a leader
 * stops 10 s after it sent its last successful renewal, and a candidate waits until it has seen no change for 15 s. A
 * write must still ask `isLeading` right before it is sent, because the process may have been suspended.
 *
 * `start` is called once, and `release` ends the election for good; calling `release` again returns the same promise. No
 * method throws or rejects: a failed attempt is logged and repeated, and `findFault` and `findRefusal` report what lasts.
 * While the lease has the pause annotation, nobody takes it, and its holder gives it up.
 *
 * After a crash the lease expires by itself within 15 s. A restarted process is another candidate and waits like any
 * other. `release` gives the lease up at once, or after 2.5 s leaves it to expire.
 */
export class LeaderElection implements Leadership {
  readonly #options: LeaderElectionOptions;
  readonly #stopping = new AbortController();
  readonly #observation = new LeaseObservation();
  readonly #term: LeadershipTerm;
  readonly #troubles: LeaseFailures;
  #loop: Promise<void> = Promise.resolve();
  #released: Promise<void> | undefined;
  /** Whether the lease may have our name, by a write whose answer we know or not. */
  #mayHold = false;
  readonly #reported = new DuplicateFilter();
  #attemptedAtMs: number | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#term = new LeadershipTerm(options);
    this.#troubles = new LeaseFailures(options);
  }

  isLeading(): boolean {
    return this.#term.isLeading();
  }

  isPaused(): boolean {
    return this.#observation.isPaused(this.#options.clock.monotonicMs());
  }

  start(listener: LeadershipListener): void {
    const { candidate, log } = this.#options;
    if (this.#stopping.signal.aborted) return;
    log.info({ candidate }, 'competing for the lease');
    this.#term.listen(listener);
    this.#loop = this.#run();
  }

  release(): Promise<void> {
    this.#released ??= this.#giveUp();
    return this.#released;
  }

  findFault(): string | undefined {
    if (this.#attemptedAtMs === undefined || this.#stopping.signal.aborted) return undefined;
    const ageMs = this.#options.clock.monotonicMs() - this.#attemptedAtMs;
    if (ageMs <= DEAD_AFTER_MS) return undefined;
    return `the last attempt to acquire or renew the lease was ${Math.round(ageMs / 1000)} s ago`;
  }

  findRefusal(): string | undefined {
    return this.#troubles.refusal;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAtMs = clock.monotonicMs();
      this.#attemptedAtMs = startedAtMs;
      try {
        await this.#attempt(signal);
        this.#troubles.clear();
      } catch (err) {
        if (!signal.aborted) this.#troubles.note(err);
      }
      await pause(clock, this.#waitMs(startedAtMs), signal);
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { store, clock, candidate, onSlowPath } = this.#options;
    const known = this.#observation.lease;
    if (known?.holder === candidate && !known.paused) {
      if (await this.#take(known, signal)) return;
      onSlowPath?.();
    }
    const lease = await store.read(signal);
    this.#observe(lease);
    if (this.isPaused()) return this.#standAside(lease, signal);
    this.#resume();
    const remainingMs = this.#observation.remainingMs(LEASE_MS, clock.monotonicMs());
    const mayTake = this.#observation.holder === candidate || remainingMs === 0;
    if (mayTake) await this.#take(lease, signal);
  }

  /** Acquires or renews. False: the lease is not the one that was observed, so its holder is unknown. */
  async #take(observed: ObservedLease | undefined, signal: AbortSignal): Promise<boolean> {
    const { store, clock, candidate } = this.#options;
    const sent = { atMs: clock.monotonicMs(), at: clock.now() };
    this.#mayHold = true;
    try {
      const lease = await takeLease(store, { candidate, now: sent.at, observed, signal });
      this.#observation.note(lease, clock.monotonicMs());
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
    if (!this.#stopping.signal.aborted) this.#term.renew(sent, observed?.holder ?? '');
    return true;
  }

  /** While the lease is paused nobody leads: its holder gives it up. */
  async #standAside(lease: ObservedLease | undefined, signal: AbortSignal): Promise<void> {
    const { store, clock, log, candidate } = this.#options;
    this.#term.end('the lease is paused');
    if (this.#reported.isNews('pause')) {
      log.warn({ candidate }, 'paused by the annotation on the lease');
    }
    if (lease?.holder !== candidate) return;
    await clearLease(store, { candidate, now: clock.now(), known: lease, signal });
  }

  #resume(): void {
    if (!this.#reported.forget('pause')) return;
    this.#options.log.info({ candidate: this.#options.candidate }, 'no longer paused');
  }

  #observe(lease: ObservedLease | undefined): void {
    const { clock, log, candidate } = this.#options;
    const before = this.#observation.holder;
    this.#observation.note(lease, clock.monotonicMs());
    const { holder } = this.#observation;
    if (holder === candidate) return;
    this.#mayHold = false;
    if (holder === '') return;
    this.#term.end('another process took the lease', holder);
    if (holder !== before) log.info({ candidate, holder }, 'another process leads');
  }

  async #giveUp(): Promise<void> {
    const { store, clock, log, candidate } = this.#options;
    this.#stopping.abort(new TransientError('releasing the lease', { code: 'LEASE_RELEASED' }));
    this.#term.end('the lease is released');
    const limit = new Deadline(clock, { limitMs: RELEASE_LIMIT_MS, timeoutError: tooLate });
    try {
      await unlessAborted(this.#loop, limit.signal);
      if (!this.#mayHold) return;
      const known = this.#observation.lease;
      const { signal } = limit;
      const isCleared = await clearLease(store, { candidate, now: clock.now(), known, signal });
      if (isCleared) log.info({ candidate }, 'lease released');
    } catch (err) {
      log.warn({ candidate, err }, 'lease not released, it expires by itself');
    } finally {
      limit.release();
    }
  }

  #waitMs(startedAtMs: number): number {
    const { clock, random } = this.#options;
    const nowMs = clock.monotonicMs();
    const elapsedMs = nowMs - startedAtMs;
    const remainingMs = this.#observation.remainingMs(LEASE_MS, nowMs);
    return nextAttemptInMs({ elapsedMs, remainingMs, random });
  }
}

function tooLate(): TransientError {
  return new TransientError('releasing the lease: it took too long', { code: 'LEASE_TIMEOUT' });
}

/**
 * Leader election on a Lease, after client-go: who holds it writes; the others look every 2 s, and take it when it is
 * free or has not changed for 15 s. Losing it ends a term, not the process.
 */
import { StalledError, TransientError } from '../domain/errors.ts';
import type { Leadership, LeadershipListener } from './leadership.ts';
import { LEASE_MS, nextTurnInMs, RELEASE_LIMIT_MS, RENEW_DEADLINE_MS } from './lease-times.ts';
import { LeaseObservation, type LeaseStore, type ObservedLease } from './lease.ts';
import { clearLease, isConflict, takeLease } from './lease-writes.ts';
import { pause } from './pause.ts';
import type { Clock, Log, Random } from './ports.ts';
import { unlessAborted } from './unless-aborted.ts';

const DEAD_AFTER_MS = 60_000;
/** A lease that can't be had is logged once in so long. */
const COMPLAIN_EVERY_MS = 60_000;

export interface LeaderElectionOptions {
  /** Of this process alone, for people to recognise it by. */
  readonly identity: string;
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A leader found that its lease had been changed, and had to look before it could renew. */
  readonly onSlowPath?: () => void;
}

/** By both clocks. */
interface Moment {
  readonly atMs: number;
  readonly at: Date;
}

export class LeaderElection implements Leadership {
  readonly #options: LeaderElectionOptions;
  readonly #stopping = new AbortController();
  readonly #observation = new LeaseObservation();
  #listener: LeadershipListener | undefined;
  #loop: Promise<void> = Promise.resolve();
  #released: Promise<void> | undefined;
  #isLeader = false;
  /** When the last renewal that succeeded was sent. */
  #renewal: Moment = { atMs: -Infinity, at: new Date(0) };
  #cancelDeadline: () => void = () => undefined;
  /** A write with our name may stand in the lease. */
  #mayHold = false;
  #turnedAtMs: number | undefined;
  #complainedAtMs = -Infinity;
  #refusal: string | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  isLeading(): boolean {
    const { clock } = this.#options;
    const { atMs, at } = this.#renewal;
    if (!this.#isLeader || clock.monotonicMs() - atMs >= RENEW_DEADLINE_MS) return false;
    // Monotonic time stands still while a machine is suspended. A wall clock that was only set costs one renewal.
    return clock.now().getTime() - at.getTime() < RENEW_DEADLINE_MS;
  }

  start(listener: LeadershipListener): void {
    const { identity, log } = this.#options;
    if (this.#stopping.signal.aborted) return;
    log.info({ identity }, 'competing for the lease');
    this.#listener = listener;
    this.#loop = this.#run();
  }

  release(): Promise<void> {
    this.#released ??= this.#giveBack();
    return this.#released;
  }

  findFault(): string | undefined {
    if (this.#turnedAtMs === undefined || this.#stopping.signal.aborted) return undefined;
    const ageMs = this.#options.clock.monotonicMs() - this.#turnedAtMs;
    if (ageMs <= DEAD_AFTER_MS) return undefined;
    return `the lease was last looked after ${Math.round(ageMs / 1000)} s ago`;
  }

  findRefusal(): string | undefined {
    return this.#refusal;
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAtMs = clock.monotonicMs();
      this.#turnedAtMs = startedAtMs;
      try {
        await this.#turn(signal);
        this.#complainedAtMs = -Infinity;
        this.#refusal = undefined;
      } catch (err) {
        if (!signal.aborted) this.#complain(err);
      }
      await pause(clock, this.#waitMs(startedAtMs), signal);
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { store, clock, identity, onSlowPath } = this.#options;
    const known = this.#observation.lease;
    if (known?.holder === identity) {
      if (await this.#take(known, signal)) return;
      onSlowPath?.();
    }
    const lease = await store.read(signal);
    this.#observe(lease);
    const remainingMs = this.#observation.remainingMs(LEASE_MS, clock.monotonicMs());
    const mayTake = this.#observation.holder === identity || remainingMs === 0;
    if (mayTake) await this.#take(lease, signal);
  }

  /** Acquires or renews. False: the lease is not the one that was observed, and whose it is now is open. */
  async #take(observed: ObservedLease | undefined, signal: AbortSignal): Promise<boolean> {
    const { store, clock, identity } = this.#options;
    const sent = { atMs: clock.monotonicMs(), at: clock.now() };
    this.#mayHold = true;
    try {
      const lease = await takeLease(store, { identity, now: sent.at, observed, signal });
      this.#observation.note(lease, clock.monotonicMs());
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
    this.#renewed(sent, observed?.holder ?? '');
    return true;
  }

  #renewed(sent: Moment, previous: string): void {
    const { clock, log, identity } = this.#options;
    this.#renewal = sent;
    const leftMs = sent.atMs + RENEW_DEADLINE_MS - clock.monotonicMs();
    // The answer of a renewal that was sent before this process was paused.
    if (leftMs <= 0) return this.#stop('the renewal took too long');
    if (this.#stopping.signal.aborted) return;
    this.#cancelDeadline();
    this.#cancelDeadline = clock.after(leftMs, () => this.#stop('it could not be renewed in time'));
    if (this.#isLeader) return;
    this.#isLeader = true;
    log.info({ identity, previous }, 'leading');
    this.#listener?.onStarted();
  }

  #observe(lease: ObservedLease | undefined): void {
    const { clock, log, identity } = this.#options;
    const before = this.#observation.holder;
    this.#observation.note(lease, clock.monotonicMs());
    const { holder } = this.#observation;
    if (holder === identity) return;
    this.#mayHold = false;
    if (holder === '') return;
    this.#stop('another process took it', holder);
    if (holder !== before) log.info({ identity, holder }, 'another process leads');
  }

  /** Ends the term, where there is one. */
  #stop(reason: string, holder?: string): void {
    if (!this.#isLeader) return;
    const { log, identity } = this.#options;
    this.#isLeader = false;
    this.#cancelDeadline();
    log.info(
      { identity, reason, ...(holder === undefined ? {} : { holder }) },
      'no longer leading',
    );
    this.#listener?.onStopped();
  }

  async #giveBack(): Promise<void> {
    const { store, clock, log, identity } = this.#options;
    this.#stopping.abort(new TransientError('releasing the lease', { code: 'LEASE_RELEASED' }));
    this.#stop('it is released');
    const limit = new AbortController();
    const cancel = clock.after(RELEASE_LIMIT_MS, () => limit.abort(tooLate()));
    try {
      await unlessAborted(this.#loop, limit.signal, tooLate);
      if (!this.#mayHold) return;
      const known = this.#observation.lease;
      const { signal } = limit;
      const isCleared = await clearLease(store, { identity, now: clock.now(), known, signal });
      if (isCleared) log.info({ identity }, 'lease released');
    } catch (err) {
      log.warn({ identity, err }, 'lease not released, it expires by itself');
    } finally {
      cancel();
    }
  }

  #waitMs(startedAtMs: number): number {
    const { clock, random } = this.#options;
    const nowMs = clock.monotonicMs();
    const elapsedMs = nowMs - startedAtMs;
    const remainingMs = this.#observation.remainingMs(LEASE_MS, nowMs);
    return nextTurnInMs({ elapsedMs, remainingMs, random });
  }

  #complain(err: unknown): void {
    const { clock, log, identity } = this.#options;
    const nowMs = clock.monotonicMs();
    // What passes by itself meanwhile is no answer to the refusal.
    if (err instanceof StalledError) this.#refusal = err.message;
    if (nowMs - this.#complainedAtMs < COMPLAIN_EVERY_MS) {
      log.debug({ identity, err }, 'lease not had');
      return;
    }
    this.#complainedAtMs = nowMs;
    const level = err instanceof StalledError ? 'error' : 'warn';
    log[level]({ identity, err }, 'lease can be neither read nor renewed');
  }
}

function tooLate(): TransientError {
  return new TransientError('releasing the lease: it took too long', { code: 'LEASE_TIMEOUT' });
}

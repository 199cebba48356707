/** One process that competes for a lease, with its own view of the wall clock, and what it was told. */
import { LeaderElection } from '../../src/controller/leader-election.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { type FakeLease, FakeLeaseStore } from './fake-lease.ts';
import { RecordedLog } from './recorded-log.ts';

export class Candidate {
  readonly identity: string;
  readonly store: FakeLeaseStore;
  readonly log = new RecordedLog();
  readonly election: LeaderElection;
  /** `started` and `stopped`, each with the time of the clock in seconds. */
  readonly told: string[] = [];
  slowPaths = 0;
  readonly #clock: ProcessClock;

  constructor(identity: string, lease: FakeLease, clock: VirtualClock, random = (): number => 1) {
    this.identity = identity;
    this.#clock = new ProcessClock(clock);
    this.store = new FakeLeaseStore(lease, this.#clock);
    this.election = new LeaderElection({
      identity,
      store: this.store,
      clock: this.#clock,
      random,
      log: this.log,
      onSlowPath: () => {
        this.slowPaths += 1;
      },
    });
  }

  start(): this {
    const tell = (what: string): void => {
      this.told.push(`${what} ${Math.round(this.#clock.monotonicMs() / 1000)}`);
    };
    this.election.start({ onStarted: () => tell('started'), onStopped: () => tell('stopped') });
    return this;
  }

  get isLeading(): boolean {
    return this.election.isLeading();
  }

  /** Sets this process's wall clock. */
  jump(ms: number): void {
    this.#clock.skewMs += ms;
  }

  /** SIGSTOP: no timer of its own runs. */
  pause(): void {
    this.#clock.pause();
  }

  /** SIGCONT. */
  resume(): void {
    this.#clock.resume();
  }
}

class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  skewMs = 0;
  #isPaused = false;
  #missed: (() => void)[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): Date {
    return new Date(this.#clock.now().getTime() + this.skewMs);
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    let isCancelled = false;
    const run = (): void => {
      if (isCancelled) return;
      if (this.#isPaused) this.#missed.push(run);
      else callback();
    };
    const cancel = this.#clock.after(delayMs, run);
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const run of this.#missed.splice(0)) run();
  }
}

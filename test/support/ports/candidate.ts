/** One process that competes for a lease, with its own view of the wall clock, and what it was told. */
import { LeaderElection } from '../../../src/controller/election/leader-election.ts';
import type { VirtualClock } from '../../../simulator/ground/virtual-clock.ts';
import { type FakeLease, FakeLeaseStore } from './fake-lease.ts';
import { ProcessClock } from './process-clock.ts';
import { RecordedLog } from './recorded-log.ts';

export class Candidate {
  readonly name: string;
  readonly store: FakeLeaseStore;
  readonly log = new RecordedLog();
  readonly election: LeaderElection;
  /** `started` and `stopped`, each with the time of the clock in seconds. */
  readonly told: string[] = [];
  slowPaths = 0;
  readonly #clock: ProcessClock;

  constructor(name: string, lease: FakeLease, clock: VirtualClock, random = (): number => 1) {
    this.name = name;
    this.#clock = new ProcessClock(clock);
    this.store = new FakeLeaseStore(lease, this.#clock);
    this.election = new LeaderElection({
      candidate: name,
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

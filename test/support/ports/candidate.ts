/** A process that competes for a lease, with its own wall clock; records its leadership callbacks. */
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
  /** The callbacks `started` and `stopped`, each with the clock's time in seconds. */
  readonly transitions: string[] = [];
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
    const record = (what: string): void => {
      this.transitions.push(`${what} ${Math.round(this.#clock.monotonicMs() / 1000)}`);
    };
    this.election.start({ onStarted: () => record('started'), onStopped: () => record('stopped') });
    return this;
  }

  get isLeading(): boolean {
    return this.election.isLeading();
  }

  /** Sets this process's wall clock. */
  jump(ms: number): void {
    this.#clock.skewMs += ms;
  }

  /** SIGSTOP: none of its timers runs. */
  pause(): void {
    this.#clock.pause();
  }

  /** SIGCONT. */
  resume(): void {
    this.#clock.resume();
  }
}

/**
 * A clock on which time passes only on command, for tests, simulated worlds and, at the pace of its story, the demo.
 * In a simulated world everything that leaves a process (a request, an answer, a watch frame, a call to ECR) is a timer
 * here, so between two timers no process learns anything new.
 */
import type { Clock } from '../../src/base/clock.ts';
import { type Timer, TimerHeap, type TimerOwner } from './timer-heap.ts';

export interface VirtualClockOptions {
  readonly start?: Date;
  /** Called for each timer; of timers due at the same time the lowest runs first. Default: the order in which they were set. */
  readonly tie?: () => number;
  /** Event loop turns in which the work that a timer starts settles; a mint by the in-process SDK takes one. */
  readonly turns?: number;
}

const TURNS = 3;
/** Many times more than the largest world needs; catches a timer that sets itself again for the same time for ever. */
const MOST_AT_ONE_MOMENT = 100_000;
/** The default start time. */
export const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z');

export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap();
  readonly #tie: () => number;
  readonly #turns: number;
  /** Time since the start. Timers use it, as in Node, where a jump of the wall clock does not move them. */
  #elapsedMs = 0;
  #wallStartMs: number;
  #count = 0;
  #pending = 0;
  #atThisMoment = 0;

  constructor({ start, tie = () => 0, turns = TURNS }: VirtualClockOptions = {}) {
    this.#wallStartMs = start?.getTime() ?? EPOCH_MS;
    this.#tie = tie;
    this.#turns = turns;
  }

  now(): Date {
    return new Date(this.#wallStartMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Never runs synchronously. Timers of a dead owner never run, those of a paused owner run when it resumes. */
  after(delayMs: number, run: () => void, owner?: TimerOwner): () => void {
    const order = (this.#count += 1);
    const timer: Timer = { atMs: 0, tie: 0, order, owner, run };
    this.#set(timer, delayMs > 0 ? delayMs : 0);
    this.#pending += 1;
    return () => void this.#take(timer);
  }

  /** How many timers are pending: zero after everything has stopped, unless something leaks. */
  get pending(): number {
    return this.#pending;
  }

  /** Runs the next timer due by `untilMs`, and what follows from it. If there is none, moves time to `untilMs` and returns false. */
  async step(untilMs: number): Promise<boolean> {
    for (;;) {
      const timer = this.#timers.first;
      if (timer === undefined || timer.atMs > untilMs) {
        this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
        return false;
      }
      this.#timers.pop();
      const { owner } = timer;
      const isLive = timer.run !== undefined && owner?.isDead !== true;
      if (isLive && owner?.isPaused === true) {
        owner.hold(() => this.#set(timer));
        continue;
      }
      const run = this.#take(timer);
      if (run === undefined || !isLive) continue;
      this.#reach(timer.atMs);
      run();
      await settle(this.#turns);
      return true;
    }
  }

  /** Lets `ms` pass: runs due timers in order, and lets promises settle after each, so that new timers count too. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    if (!Number.isFinite(untilMs)) throw new RangeError(`cannot advance by ${ms} ms`);
    await settle(this.#turns);
    while (await this.step(untilMs)) continue;
  }

  /** Time passes while the process is stopped (SIGSTOP): timers due meanwhile run with the next `advance`. */
  stall(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Moves the wall clock forward or back, as an administrator or NTP does; no timer runs. */
  jump(ms: number): void {
    this.#wallStartMs += ms;
  }

  /** Throws a `RangeError` if timers keep time from moving on. */
  #reach(atMs: number): void {
    this.#atThisMoment = atMs > this.#elapsedMs ? 0 : this.#atThisMoment + 1;
    this.#elapsedMs = Math.max(this.#elapsedMs, atMs);
    if (this.#atThisMoment <= MOST_AT_ONE_MOMENT) return;
    const at = this.now().toISOString();
    throw new RangeError(
      `more than ${MOST_AT_ONE_MOMENT} timers were due at ${at}: a timer sets itself again without a delay`,
    );
  }

  #set(timer: Timer, delayMs = 0): void {
    timer.atMs = this.#elapsedMs + delayMs;
    timer.tie = this.#tie();
    this.#timers.push(timer);
  }

  /** A timer runs at most once; `undefined`: it already ran or was cancelled. */
  #take(timer: Timer): (() => void) | undefined {
    const { run } = timer;
    if (run !== undefined) this.#pending -= 1;
    timer.run = undefined;
    return run;
  }
}

/** Runs every callback and promise that is ready now, and everything that follows from them without I/O. */
export async function settle(turns = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

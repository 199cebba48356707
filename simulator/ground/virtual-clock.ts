/**
 * Time that passes only when it is told to: that of tests, of simulated worlds and, at the pace of its story, of the
 * demo. In a simulated world whatever leaves a process (a request, an answer, a watch frame, a call to ECR) is a timer
 * here, so between two of them no process gets to know anything new.
 */
import type { Clock } from '../../src/base/clock.ts';
import { type Timer, TimerHeap, type TimerOwner } from './timer-heap.ts';

export interface VirtualClockOptions {
  readonly start?: Date;
  /** Asked for each timer; of those of one moment the lowest comes first. Default: in the order in which they are set. */
  readonly tie?: () => number;
  /** Turns of the event loop in which what a timer has begun comes to rest; a mint by the SDK in this process takes one. */
  readonly turns?: number;
}

const TURNS = 3;
/** Many times what the largest world does at once: a timer that sets itself again for the same moment never ends. */
const MOST_AT_ONE_MOMENT = 100_000;
/** When time begins, unless somebody says something else. */
export const EPOCH_MS = Date.parse('2026-01-01T00:00:00Z');

export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap();
  readonly #tie: () => number;
  readonly #turns: number;
  /** Time since the start: what timers go by, as in Node, where a jump of the wall clock does not move them. */
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

  /** Never runs at once. The timers of an owner that is dead never come, those of a paused one when it goes on. */
  after(delayMs: number, run: () => void, owner?: TimerOwner): () => void {
    const order = (this.#count += 1);
    const timer: Timer = { atMs: 0, tie: 0, order, owner, run };
    this.#set(timer, delayMs > 0 ? delayMs : 0);
    this.#pending += 1;
    return () => void this.#take(timer);
  }

  /** How many timers wait: zero after everything has stopped, if nothing leaks. */
  get pending(): number {
    return this.#pending;
  }

  /** Runs the next timer that is due by then, and what follows from it; where there is none, it is then, and false. */
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

  /** Lets `ms` pass: runs what falls due in order, and after each lets promises settle, so that new timers count too. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    if (!Number.isFinite(untilMs)) throw new RangeError(`${ms} ms can't pass`);
    await settle(this.#turns);
    while (await this.step(untilMs)) continue;
  }

  /** Time passes for a process that stands still (SIGSTOP): what falls due meanwhile runs with the next `advance`. */
  stall(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Sets the wall clock forward (or back), as an administrator or NTP does: no timer runs. */
  jump(ms: number): void {
    this.#wallStartMs += ms;
  }

  /** Throws a `RangeError` where time stands still for ever. */
  #reach(atMs: number): void {
    this.#atThisMoment = atMs > this.#elapsedMs ? 0 : this.#atThisMoment + 1;
    this.#elapsedMs = Math.max(this.#elapsedMs, atMs);
    if (this.#atThisMoment <= MOST_AT_ONE_MOMENT) return;
    const at = this.now().toISOString();
    throw new RangeError(
      `${MOST_AT_ONE_MOMENT} timers have run at ${at}, and there is no end of them`,
    );
  }

  #set(timer: Timer, delayMs = 0): void {
    timer.atMs = this.#elapsedMs + delayMs;
    timer.tie = this.#tie();
    this.#timers.push(timer);
  }

  /** It runs once at most; `undefined`: not any more. */
  #take(timer: Timer): (() => void) | undefined {
    const { run } = timer;
    if (run !== undefined) this.#pending -= 1;
    timer.run = undefined;
    return run;
  }
}

/** Runs every callback and promise that is ready now, and what follows from them without I/O. */
export async function settle(turns = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

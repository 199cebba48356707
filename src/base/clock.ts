/** Time and randomness, which come in from outside. */

/** Wall-clock time, monotonic time, and delays. */
export interface Clock {
  now(): Date;
  /** Time since some fixed moment: for durations that must not change when somebody sets the wall clock. */
  monotonicMs(): number;
  /** Calls back once after at least `delayMs`; the returned function cancels it. Must not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A number in [0, 1). */
export type Random = () => number;

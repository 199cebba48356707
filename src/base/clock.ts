/** Time and chance, which come in from outside. */

/** Wall-clock time, time that only passes, and delays. */
export interface Clock {
  now(): Date;
  /** Since some moment: for durations that must not change when somebody sets the wall clock. */
  monotonicMs(): number;
  /** Calls back once after at least `delayMs`; the answer cancels it. Must not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A number in [0, 1). */
export type Random = () => number;

/** Time as the simulator takes it from outside: the same shape as the controller's clock, which it may not import. */
export interface SimulatorClock {
  now(): Date;
  /** Calls back once after at least `delayMs`; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

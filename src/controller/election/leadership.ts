/** Which of several replicas may write. */

export interface LeadershipListener {
  /** From now on this process leads, alone as far as can be known. */
  onStarted(): void;
  /** From now on it must not write: abort what is under way. */
  onStopped(): void;
}

/** Never rejects. */
export interface Leadership {
  /** Whether this process leads at this very moment, by its own clocks: also right after the process was suspended. */
  isLeading(): boolean;
  /** Whether the pause annotation on the lease keeps everyone from leading, as far as this process has seen. */
  isPaused(): boolean;
  /** Starts competing. The calls of the listener alternate, `onStarted` first. */
  start(listener: LeadershipListener): void;
  /** Stops competing and gives up the lead, so that another takes it at once. Resolves when that is done or given up. */
  release(): Promise<void>;
  /** Why the election loop must be considered dead; `undefined` while it is alive. */
  findFault(): string | undefined;
  /** Why this process can't compete until a person acts; `undefined` while no such reason is known. */
  findRefusal(): string | undefined;
}

/** For a replica that runs without election. */
export function alwaysLeading(): Leadership {
  return {
    isLeading: () => true,
    isPaused: () => false,
    start: (listener) => listener.onStarted(),
    release: () => Promise.resolve(),
    findFault: () => undefined,
    findRefusal: () => undefined,
  };
}

/** Who of several replicas may write. */

export interface LeadershipListener {
  /** From now on this process works, alone as far as anybody can know. */
  onStarted(): void;
  /** From now on it must not: what is under way is to be aborted. */
  onStopped(): void;
}

/** Never rejects. */
export interface Leadership {
  /** By this process's own monotonic clock, at this very moment: also right after a pause of the process. */
  isLeading(): boolean;
  /** Whether a mark on the lease keeps everybody from leading, as far as this process has seen. */
  isPaused(): boolean;
  /** Starts competing; the calls alternate, `onStarted` first. */
  start(listener: LeadershipListener): void;
  /** Stops competing and gives the lead back so that another takes it at once. Resolves when done or given up. */
  release(): Promise<void>;
  /** Why the competing must be taken for dead; `undefined` while it is alive. */
  findFault(): string | undefined;
  /** Why this process can't compete until a person acts; `undefined` while nothing of that kind is known. */
  findRefusal(): string | undefined;
}

/** Of one replica that needs no leave. */
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

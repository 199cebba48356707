/** The watches that fill the caches, as one unit, and their health by resource. */
import type { Clock } from '../../base/clock.ts';
import { findWatchFault } from './watch-fault.ts';
import type { WatchGroup, Watched } from './watch-group.ts';

export interface WatchState {
  readonly resource: string;
  /** Whether all watches of the resource are. */
  readonly synced: boolean;
  /** Of the watch whose last event is the oldest. */
  readonly lastEventAt: Date | undefined;
  /** How many objects are too large to be read. */
  readonly tooLarge: number;
}

/** A named health check. */
export interface FoundFault {
  readonly name: string;
  readonly findFault: () => string | undefined;
}

export class WatchedResources {
  readonly #clock: Clock;
  readonly #groups: readonly WatchGroup[];
  readonly #byResource: ReadonlyMap<string, readonly Watched[]>;
  #isSettled = false;

  constructor(groups: readonly WatchGroup[], clock: Clock) {
    this.#clock = clock;
    this.#groups = groups;
    const all = groups.flatMap(({ watches }) => watches);
    this.#byResource = Map.groupBy(all, ({ resource }) => resource);
  }

  start(): void {
    for (const group of this.#groups) group.start();
    void this.untilSettled().then(() => {
      this.#isSettled = true;
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#groups.map((group) => group.stop()));
  }

  /** Resolves when everything that we are allowed to read is cached. */
  async untilSettled(): Promise<void> {
    await Promise.all(this.#groups.map((group) => group.untilSettled()));
  }

  isSettled(): boolean {
    return this.#isSettled;
  }

  states(): readonly WatchState[] {
    return [...this.#byResource].map(([resource, watches]) => {
      const states = watches.map(({ state }) => state);
      return {
        resource,
        synced: states.every(({ synced }) => synced),
        tooLarge: watches.reduce((sum, { tooLarge }) => sum + tooLarge, 0),
        lastEventAt: earliest(states.flatMap(({ lastEventAt }) => lastEventAt ?? [])),
      };
    });
  }

  healthChecks(): readonly FoundFault[] {
    return [...this.#byResource].map(([resource, watches]) => ({
      name: `watch-${resource}`,
      findFault: () => findWatchFault(watches, this.#clock.monotonicMs()),
    }));
  }
}

function earliest(dates: readonly Date[]): Date | undefined {
  return dates.reduce<Date | undefined>(
    (found, date) => (found === undefined || date < found ? date : found),
    undefined,
  );
}

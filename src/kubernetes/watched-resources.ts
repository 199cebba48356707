/** The watches that fill the caches, as one, and what they say of their health, by resource. */
import type { Clock } from '../controller/ports.ts';
import type { Watched } from './cluster-reflectors.ts';
import { findWatchFault } from './watch-fault.ts';

export interface WatchState {
  readonly resource: string;
  /** All watches of the resource are. */
  readonly synced: boolean;
  /** Of the watch that has been without one for longest. */
  readonly lastEventAt: Date | undefined;
}

/** A named health check. */
export interface FoundFault {
  readonly name: string;
  readonly findFault: () => string | undefined;
}

export class WatchedResources {
  readonly #clock: Clock;
  readonly #all: readonly Watched[];
  readonly #byResource: ReadonlyMap<string, readonly Watched[]>;

  constructor(all: readonly Watched[], clock: Clock) {
    this.#clock = clock;
    this.#all = all;
    this.#byResource = Map.groupBy(all, ({ resource }) => resource);
  }

  start(): void {
    for (const watched of this.#all) watched.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((watched) => watched.stop()));
  }

  async untilSynced(): Promise<void> {
    await Promise.all(this.#all.map((watched) => watched.untilSynced()));
  }

  isSynced(): boolean {
    return this.#all.every(({ state }) => state.synced);
  }

  states(): readonly WatchState[] {
    return [...this.#byResource].map(([resource, watches]) => {
      const states = watches.map(({ state }) => state);
      return {
        resource,
        synced: states.every(({ synced }) => synced),
        lastEventAt: earliest(states.flatMap(({ lastEventAt }) => lastEventAt ?? [])),
      };
    });
  }

  healthChecks(): readonly FoundFault[] {
    return [...this.#byResource].map(([resource, watches]) => ({
      name: `watch-${resource}`,
      findFault: () => this.#faultAmong(watches),
    }));
  }

  #faultAmong(watches: readonly Watched[]): string | undefined {
    const now = this.#clock.now();
    for (const { state } of watches) {
      const fault = findWatchFault(state, now);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

function earliest(dates: readonly Date[]): Date | undefined {
  return dates.reduce<Date | undefined>(
    (found, date) => (found === undefined || date < found ? date : found),
    undefined,
  );
}

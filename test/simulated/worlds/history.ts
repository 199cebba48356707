/** Who changed what, and when: gives every change to the simulated cluster an author. */
import type { SimulatedCluster } from '../../../simulator/simulated-cluster.ts';
import type { HopRequest } from './network/hop-request.ts';

export type Change = SimulatedCluster['changes'][number];

export type Author =
  | { readonly kind: 'us'; readonly hop: HopRequest }
  | { readonly kind: 'people' }
  /** The controllers of Kubernetes itself. */
  | { readonly kind: 'cluster' };

/** How many versions a stale cache is behind at most. */
const REACH = 60;

type Listener = (change: Change, author: Author) => void;

export class History {
  readonly #simulator: SimulatedCluster;
  readonly #nowMs: () => number;
  readonly #listener: Listener;
  readonly #times: number[] = [];
  /** The version at which the run starts. */
  readonly #first: number;
  #seen: number;

  constructor(simulator: SimulatedCluster, nowMs: () => number, listener: Listener) {
    this.#simulator = simulator;
    this.#nowMs = nowMs;
    this.#listener = listener;
    this.#first = simulator.revision;
    this.#seen = this.#first;
  }

  /** Attributes everything that `act` changes before it returns to `author`. */
  by<T>(author: Author, act: () => T): T {
    this.catchUp();
    try {
      return act();
    } finally {
      this.#attribute(author);
    }
  }

  /** Attributes changes without an author to the cluster itself. */
  catchUp(): void {
    this.#attribute({ kind: 'cluster' });
  }

  get revision(): number {
    return this.#simulator.revision;
  }

  /** A version that a server's cache may still be at. */
  earlierRevision({
    atLeast,
    share,
  }: {
    readonly atLeast: number;
    readonly share: number;
  }): number {
    const { revision, changes } = this.#simulator;
    const oldest = (changes[0]?.revision ?? revision + 1) - 1;
    const from = Math.min(revision, Math.max(atLeast, oldest, revision - REACH));
    return Math.floor(from + share * (revision - from + 0.999));
  }

  /** The last time at which the cluster was at this version. */
  lastMsOf(revision: number): number {
    if (revision < this.#first) return 0;
    return this.#times[revision + 1] ?? this.#nowMs();
  }

  #attribute(author: Author): void {
    const { revision, changes } = this.#simulator;
    if (revision === this.#seen) return;
    const fresh: Change[] = [];
    for (let index = changes.length - 1; index >= 0; index -= 1) {
      const change = changes[index];
      if (change === undefined || change.revision <= this.#seen) break;
      fresh.push(change);
    }
    this.#seen = revision;
    for (const change of fresh.reverse()) {
      this.#times[change.revision] = this.#nowMs();
      this.#listener(change, author);
    }
  }
}

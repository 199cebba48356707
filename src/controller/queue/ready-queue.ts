/** Keys that wait for a worker, the most urgent first. */
import type { Lane } from '../../base/lane.ts';
import { laneOf, PRIORITIES, type Priority } from './priority.ts';
import { ReadyKeys } from './ready-keys.ts';

/** Once in this many takes, the key that has waited longest goes first, so that no priority starves. */
const FAIR_TAKE_EVERY = 8;

export interface Work {
  readonly key: string;
  readonly priority: Priority;
}

/** A key has at most one priority. */
export class ReadyQueue {
  readonly #byPriority = PRIORITIES.map((priority) => ({ priority, keys: new ReadyKeys() }));
  #arrivals = 0;
  #takes = 0;

  /** Moves a key that is here already, behind all others. */
  add(key: string, priority: Priority): void {
    this.delete(key);
    this.#byPriority.find((one) => one.priority === priority)?.keys.add(key, (this.#arrivals += 1));
  }

  delete(key: string): void {
    for (const { keys } of this.#byPriority) keys.delete(key);
  }

  priorityOf(key: string): Priority | undefined {
    return this.#byPriority.find(({ keys }) => keys.has(key))?.priority;
  }

  count(priority: Priority): number {
    return this.#byPriority.find((one) => one.priority === priority)?.keys.size ?? 0;
  }

  /** Those of the most urgent priority first. */
  *keys(): Iterable<string> {
    for (const { keys } of this.#byPriority) yield* keys.keys();
  }

  clear(): void {
    for (const { keys } of this.#byPriority) keys.clear();
  }

  /** The key whose turn it is among these lanes; it stays here. */
  next(lanes: readonly Lane[]): Work | undefined {
    const heads = this.#byPriority
      .filter(({ priority }) => lanes.includes(laneOf(priority)))
      .flatMap(({ priority, keys }) => {
        const oldest = keys.oldest();
        return oldest === undefined ? [] : [{ ...oldest, priority, keys }];
      });
    const [first] = heads;
    if (first === undefined) return undefined;
    this.#takes += 1;
    if (this.#takes % FAIR_TAKE_EVERY === 0) {
      const { key, priority } = heads.reduce((a, b) => (b.order < a.order ? b : a));
      return { key, priority };
    }
    const { priority, keys } = first;
    const newest = priority === 'crowd' ? keys.newest() : undefined;
    return { key: newest?.key ?? first.key, priority };
  }
}

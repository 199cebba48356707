/** The loop of a cleanup: list, clear, and repeat until a list shows nothing more that can be cleared. */
import type { Clock } from '../base/clock.ts';
import { inParallel } from '../base/in-parallel.ts';
import { pause } from '../base/pause.ts';
import { mayPass, waitMs } from './persist.ts';
import type { Leftover } from './report.ts';
import type { Survey } from './survey.ts';

/** One kind of thing to clear, and how. */
export interface Target<T> {
  /** For people, such as `2 Secrets to delete`. */
  readonly todo: (count: number) => string;
  readonly list: () => Promise<Survey<T>>;
  readonly isClearable: (one: T) => boolean;
  /** Identifies the same thing in every list. */
  readonly idOf: (one: T) => string;
  /** Where it is: what reappears there was written by somebody who ignores the pause annotation. */
  readonly placeOf: (one: T) => string;
  /** Clears `ones` in one namespace and returns the outcome of each. Never rejects. */
  readonly clear: (
    namespace: string,
    ones: readonly T[],
    signal: AbortSignal,
  ) => Promise<readonly (readonly [T, Outcome])[]>;
  /** The error for what was cleared twice and has reappeared. */
  readonly reappeared: () => Error;
  /** For people. `open`: the number of namespaces to go. */
  readonly progress: (open: number) => string;
}

/** `spared`: it must stay after all. */
export type Outcome = 'cleared' | 'spared' | { readonly error: unknown };

interface Dependencies {
  readonly clock: Clock;
  readonly print: (line: string) => void;
  /** Ends waits and lists, and starts no further namespace. */
  readonly soon: AbortSignal;
  /** Ends what should not be left half done. */
  readonly late: AbortSignal;
  /** Rejects if somebody has resumed the controller. */
  readonly waitForPause: () => Promise<unknown>;
}

const CONCURRENT_NAMESPACES = 8;
/** A leader's last write that was still under way may bring it back once. */
const CLEARINGS_AT_MOST = 2;
const PRINT_EVERY_MS = 3_000;
const PRINT_EVERY_NAMESPACES = 100;

export class Clearing<T extends { readonly namespace: string }> {
  readonly #target: Target<T>;
  readonly #deps: Dependencies;
  #listed: Survey<T> = { found: [], unread: [] };
  /** Ids of what is gone since the last list. */
  readonly #gone = new Set<string>();
  /** By id: the error of the last attempt. */
  readonly #troubles = new Map<string, unknown>();
  /** Ids of what is not tried any more. */
  readonly #givenUp = new Set<string>();
  /** By place: how often something was cleared there. */
  readonly #clearings = new Map<string, number>();

  constructor(target: Target<T>, deps: Dependencies) {
    this.#target = target;
    this.#deps = deps;
  }

  /** What the last list had and is not gone since. `trouble`: `undefined` if nothing was tried or failed. */
  left<R>(render: (one: T, trouble: unknown) => R): readonly R[] {
    const { idOf } = this.#target;
    return this.#listed.found
      .filter((one) => !this.#gone.has(idOf(one)))
      .map((one) => render(one, this.#troubles.get(idOf(one))));
  }

  /** One for each namespace that could not be read. */
  get unread(): readonly Leftover[] {
    return this.#listed.unread;
  }

  /** Rejects with the error of a refused list, or with the abort reason of `soon`. */
  async run(): Promise<void> {
    const { clock, soon, print, waitForPause } = this.#deps;
    for (let failures = 0; ;) {
      this.#listed = await this.#target.list();
      this.#gone.clear();
      const todo = this.#listed.found.filter((one) => this.#isToDo(one));
      if (todo.length === 0) return;
      print(this.#target.todo(todo.length));
      const hasFailed = await this.#clear(todo);
      failures = hasFailed ? failures + 1 : 0;
      if (hasFailed) await pause(clock, waitMs(failures), soon);
      // Only once nobody can write any more does the next list show everything.
      await waitForPause();
    }
  }

  #isToDo(one: T): boolean {
    const { idOf, isClearable, placeOf, reappeared } = this.#target;
    if (!isClearable(one) || this.#givenUp.has(idOf(one))) return false;
    if ((this.#clearings.get(placeOf(one)) ?? 0) < CLEARINGS_AT_MOST) return true;
    this.#troubles.set(idOf(one), reappeared());
    return false;
  }

  /** True if something failed that may be tried again. */
  async #clear(todo: readonly T[]): Promise<boolean> {
    const { late, soon: signal, print } = this.#deps;
    const namespaces = [...Map.groupBy(todo, ({ namespace }) => namespace)];
    let open = namespaces.length;
    let hasFailed = false;
    const printProgress = (): void => print(this.#target.progress(open));
    const stopPrinting = this.#repeat(printProgress);
    const work = async ([namespace, ones]: readonly [string, readonly T[]]): Promise<void> => {
      for (const [one, outcome] of await this.#target.clear(namespace, ones, late)) {
        if (this.#note(one, outcome)) hasFailed = true;
      }
      open -= 1;
      if ((namespaces.length - open) % PRINT_EVERY_NAMESPACES === 0) printProgress();
    };
    const parallelism = { atOnce: CONCURRENT_NAMESPACES, signal };
    await inParallel(namespaces, parallelism, work).finally(stopPrinting);
    return hasFailed;
  }

  #repeat(act: () => void): () => void {
    const { clock } = this.#deps;
    let cancel = (): void => undefined;
    const wait = (): void => {
      cancel = clock.after(PRINT_EVERY_MS, () => {
        act();
        wait();
      });
    };
    wait();
    return () => cancel();
  }

  /** True if it failed and may be tried again. */
  #note(one: T, outcome: Outcome): boolean {
    const { idOf, placeOf } = this.#target;
    if (typeof outcome === 'string') {
      const place = placeOf(one);
      this.#gone.add(idOf(one));
      this.#troubles.delete(idOf(one));
      if (outcome === 'cleared') this.#clearings.set(place, (this.#clearings.get(place) ?? 0) + 1);
      return false;
    }
    // An aborted attempt says nothing about the thing itself.
    if (this.#deps.late.aborted) return true;
    this.#troubles.set(idOf(one), outcome.error);
    const isTriedAgain = mayPass(outcome.error);
    if (!isTriedAgain) this.#givenUp.add(idOf(one));
    return isTriedAgain;
  }
}

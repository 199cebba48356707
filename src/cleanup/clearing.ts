/** The loop of a cleanup: list, clear what is to go, and again, until a list shows nothing more that can be cleared. */
import type { Clock } from '../base/clock.ts';
import { inParallel } from '../base/in-parallel.ts';
import { pause } from '../base/pause.ts';
import { mayPass, waitMs } from './persist.ts';
import type { Leftover } from './report.ts';
import type { Survey } from './survey.ts';

/** One kind of thing to clear, and how. */
export interface Target<T> {
  /** For people, such as `Secrets to delete`. */
  readonly todo: string;
  readonly list: () => Promise<Survey<T>>;
  readonly isToGo: (one: T) => boolean;
  /** The same in every list as long as it is the same thing. */
  readonly idOf: (one: T) => string;
  /** Where it stands: what stands there again is somebody's who does not heed the mark. */
  readonly placeOf: (one: T) => string;
  /** What became of each of those in one namespace. Never rejects. */
  readonly clear: (
    namespace: string,
    ones: readonly T[],
    signal: AbortSignal,
  ) => Promise<readonly (readonly [T, Outcome])[]>;
  /** The trouble of what was cleared twice, and is there again. */
  readonly thereAgain: () => Error;
  /** For people, with the number of namespaces to go. */
  readonly progress: (open: number) => string;
}

/** `spared`: it is not to go after all. */
export type Outcome = 'cleared' | 'spared' | { readonly error: unknown };

interface Dependencies {
  readonly clock: Clock;
  readonly tell: (line: string) => void;
  /** For waits and lists, and between namespaces. */
  readonly soon: AbortSignal;
  /** For what should not be left half done. */
  readonly late: AbortSignal;
  /** Rejects where somebody lets the controller go on. */
  readonly waitForPause: () => Promise<unknown>;
}

const CONCURRENT_NAMESPACES = 8;
/** One that a leader had on its way may come once more. */
const CLEARINGS_AT_MOST = 2;
const TELL_EVERY_MS = 3_000;
const TELL_EVERY_NAMESPACES = 100;

export class Clearing<T extends { readonly namespace: string }> {
  readonly #target: Target<T>;
  readonly #deps: Dependencies;
  #listed: Survey<T> = { found: [], unread: [] };
  /** By id, since the last list. */
  readonly #gone = new Set<string>();
  /** By id: what the last try failed with. */
  readonly #troubles = new Map<string, unknown>();
  /** Ids that are not tried any more. */
  readonly #givenUp = new Set<string>();
  /** By place: how often something was cleared there. */
  readonly #clearings = new Map<string, number>();

  constructor(target: Target<T>, deps: Dependencies) {
    this.#target = target;
    this.#deps = deps;
  }

  /** Of the last list, but for what has gone since. `trouble`: `undefined` where nothing was tried or has failed. */
  left<R>(render: (one: T, trouble: unknown) => R): readonly R[] {
    const { idOf } = this.#target;
    return this.#listed.found
      .filter((one) => !this.#gone.has(idOf(one)))
      .map((one) => render(one, this.#troubles.get(idOf(one))));
  }

  /** For namespaces that could not be looked at. */
  get unread(): readonly Leftover[] {
    return this.#listed.unread;
  }

  /** Rejects with what a list was refused with, or what `soon` was aborted with. */
  async run(): Promise<void> {
    const { clock, soon, tell, waitForPause } = this.#deps;
    for (let failures = 0; ;) {
      this.#listed = await this.#target.list();
      this.#gone.clear();
      const todo = this.#listed.found.filter((one) => this.#isToDo(one));
      if (todo.length === 0) return;
      tell(`${todo.length} ${this.#target.todo}`);
      const hasFailed = await this.#clear(todo);
      failures = hasFailed ? failures + 1 : 0;
      if (hasFailed) await pause(clock, waitMs(failures), soon);
      // What has come meanwhile is seen by the next list, after nobody can write any more.
      await waitForPause();
    }
  }

  #isToDo(one: T): boolean {
    const { idOf, isToGo, placeOf, thereAgain } = this.#target;
    if (!isToGo(one) || this.#givenUp.has(idOf(one))) return false;
    if ((this.#clearings.get(placeOf(one)) ?? 0) < CLEARINGS_AT_MOST) return true;
    this.#troubles.set(idOf(one), thereAgain());
    return false;
  }

  /** True where something failed and may be tried again. */
  async #clear(todo: readonly T[]): Promise<boolean> {
    const { late, soon: signal, tell } = this.#deps;
    const namespaces = [...Map.groupBy(todo, ({ namespace }) => namespace)];
    let open = namespaces.length;
    let hasFailed = false;
    const say = (): void => tell(this.#target.progress(open));
    const stopTelling = this.#repeat(say);
    const work = async ([namespace, ones]: readonly [string, readonly T[]]): Promise<void> => {
      for (const [one, outcome] of await this.#target.clear(namespace, ones, late)) {
        if (this.#note(one, outcome)) hasFailed = true;
      }
      open -= 1;
      if ((namespaces.length - open) % TELL_EVERY_NAMESPACES === 0) say();
    };
    const parallelism = { atOnce: CONCURRENT_NAMESPACES, signal };
    await inParallel(namespaces, parallelism, work).finally(stopTelling);
    return hasFailed;
  }

  #repeat(say: () => void): () => void {
    const { clock } = this.#deps;
    let cancel = (): void => undefined;
    const wait = (): void => {
      cancel = clock.after(TELL_EVERY_MS, () => {
        say();
        wait();
      });
    };
    wait();
    return () => cancel();
  }

  /** True for what failed and may be tried again. */
  #note(one: T, outcome: Outcome): boolean {
    const { idOf, placeOf } = this.#target;
    if (typeof outcome === 'string') {
      const place = placeOf(one);
      this.#gone.add(idOf(one));
      this.#troubles.delete(idOf(one));
      if (outcome === 'cleared') this.#clearings.set(place, (this.#clearings.get(place) ?? 0) + 1);
      return false;
    }
    // What was broken off says nothing of the thing.
    if (this.#deps.late.aborted) return true;
    this.#troubles.set(idOf(one), outcome.error);
    const isTriedAgain = mayPass(outcome.error);
    if (!isTriedAgain) this.#givenUp.add(idOf(one));
    return isTriedAgain;
  }
}

/** Looks for stray entries and, where a person has asked for it, takes them out: pass after pass until a list shows none. */
import { inParallel } from '../base/in-parallel.ts';
import { pause } from '../base/pause.ts';
import { renderError } from '../domain/errors.ts';
import type { CleanupCluster } from '../kubernetes/connect-cleanup.ts';
import { clearEntries, type EntriesCleared } from './clear-entries.ts';
import { findStrays, type StraySurvey } from './find-strays.ts';
import { mayPass, waitMs } from './persist.ts';
import type { Leftover, StrayEntry } from './report.ts';
import type { SurveySource } from './survey.ts';
import type { Tally } from './tally.ts';

export interface StrayTask extends SurveySource {
  readonly cluster: SurveySource['cluster'] & Pick<CleanupCluster, 'detach'>;
  /** Else it only looks. */
  readonly takesStrayEntries: boolean;
  /** For what should not be left half done. */
  readonly late: AbortSignal;
  readonly tally: Tally;
  readonly tell: (line: string) => void;
  /** Rejects where somebody lets the controller go on. */
  readonly waitForPause: () => Promise<unknown>;
}

const CONCURRENT_NAMESPACES = 8;
/** One that a leader had on its way may come once more. */
const CLEARINGS_AT_MOST = 2;
const THERE_AGAIN =
  'taken out twice, and there again: a controller that does not heed the mark writes it';

export class StrayClearing {
  readonly #task: StrayTask;
  #found: StraySurvey = { strayEntries: [], unlisted: [] };
  /** By `keyOf`: what came of the last try. */
  readonly #troubles = new Map<string, string>();
  /** Those that are not tried any more. */
  readonly #givenUp = new Set<string>();
  /** How often each was taken out. */
  readonly #clearings = new Map<string, number>();
  /** Since the last list. */
  readonly #gone = new Set<string>();

  constructor(task: StrayTask) {
    this.#task = task;
  }

  /** Of the last list, but for what has gone since. */
  get left(): readonly StrayEntry[] {
    return this.#found.strayEntries
      .filter((one) => !this.#gone.has(keyOf(one)))
      .map((one) => {
        const message = this.#troubles.get(keyOf(one));
        return message === undefined ? one : { ...one, message };
      });
  }

  /** Of no matter where nothing was to go. */
  get unlisted(): readonly Leftover[] {
    return this.#task.takesStrayEntries ? this.#found.unlisted : [];
  }

  async run(): Promise<void> {
    const { clock, signal, tell } = this.#task;
    for (let failures = 0; ;) {
      this.#found = await findStrays(this.#task);
      this.#gone.clear();
      const todo = this.#found.strayEntries.filter((one) => this.#isToDo(one));
      if (todo.length === 0) return;
      tell(`${todo.length} stray entries to detach`);
      const failed = await this.#clear(todo);
      signal.throwIfAborted();
      failures = failed ? failures + 1 : 0;
      if (failed) await pause(clock, waitMs(failures), signal);
      await this.#task.waitForPause();
    }
  }

  #isToDo(entry: StrayEntry): boolean {
    const key = keyOf(entry);
    if (!this.#task.takesStrayEntries) return false;
    if (this.#givenUp.has(key)) return false;
    if ((this.#clearings.get(key) ?? 0) < CLEARINGS_AT_MOST) return true;
    this.#troubles.set(key, THERE_AGAIN);
    return false;
  }

  /** True where something failed and may be tried again. */
  async #clear(todo: readonly StrayEntry[]): Promise<boolean> {
    const { clock, cluster, secretName, late, signal, tally } = this.#task;
    const namespaces = [...Map.groupBy(todo, ({ namespace }) => namespace)];
    let failed = false;
    const stopTelling = tally.watchStrays(clock, namespaces.length);
    const work = async ([namespace, entries]: [string, StrayEntry[]]): Promise<void> => {
      const cleared = await clearEntries({ namespace, secretName }, cluster, late);
      tally.noteStrays(namespace, cleared.kind === 'cleared' ? cleared.detached : 0);
      for (const entry of entries) if (this.#note(entry, cleared)) failed = true;
    };
    const parallelism = { atOnce: CONCURRENT_NAMESPACES, signal };
    await inParallel(namespaces, parallelism, work).finally(stopTelling);
    return failed;
  }

  /** True for what failed and may be tried again. */
  #note(entry: StrayEntry, cleared: EntriesCleared): boolean {
    const key = keyOf(entry);
    const error = errorOf(entry, cleared);
    if (error === undefined) {
      this.#gone.add(key);
      this.#troubles.delete(key);
      if (cleared.kind === 'cleared') {
        this.#clearings.set(key, (this.#clearings.get(key) ?? 0) + 1);
      }
      return false;
    }
    // What was broken off says nothing of the entry.
    if (this.#task.late.aborted) return true;
    this.#troubles.set(key, renderError(error));
    if (mayPass(error)) return true;
    this.#givenUp.add(key);
    return false;
  }
}

function errorOf({ serviceAccount }: StrayEntry, cleared: EntriesCleared): unknown {
  switch (cleared.kind) {
    case 'cleared':
      return cleared.failures.get(serviceAccount);
    case 'failed':
      return cleared.error;
    case 'inUse':
      return undefined;
  }
}

function keyOf({ namespace, serviceAccount }: StrayEntry): string {
  return `${namespace}/${serviceAccount}`;
}

/** The cleanup: nobody may write, then pass after pass until a list shows nothing that is ours to delete. */
import { inParallel } from '../base/in-parallel.ts';
import { pause } from '../base/pause.ts';
import { ControllerError, renderError } from '../domain/errors.ts';
import type { PullSecretRecord } from '../domain/observed.ts';
import type { CleanupTask } from './cleanup-task.ts';
import { type Cleared, clearSecret } from './clear-secret.ts';
import {
  anewLeftover,
  failedLeftover,
  goingLeftover,
  isDeletable,
  leftoverOf,
} from './leftover.ts';
import { type Limits, startLimits } from './limits.ts';
import { pauseLeader, type Pausing, waitForPause } from './pause-leader.ts';
import { mayPass, waitMs } from './persist.ts';
import {
  type CleanupReport,
  type Ending,
  isClean,
  type LeaseFate,
  type Leftover,
} from './report.ts';
import { StrayClearing } from './stray-clearing.ts';
import { listPullSecrets } from './survey.ts';
import { takeLeaseAway } from './take-lease-away.ts';
import { Tally } from './tally.ts';

type Findings = Omit<CleanupReport, 'resume'>;

const CONCURRENT_SECRETS = 8;
/** One that a leader had on its way may come once more. */
const DELETIONS_AT_MOST = 2;

/** Rejects only for a fault of the program. */
export async function cleanUp(task: CleanupTask): Promise<Findings> {
  const limits = startLimits(task.clock, task);
  try {
    return await new Cleanup(task, limits).run();
  } finally {
    limits.release();
  }
}

class Cleanup {
  readonly #task: CleanupTask;
  readonly #limits: Limits;
  readonly #pausing: Pausing;
  readonly #tally: Tally;
  readonly #strays: StrayClearing;
  #lease: LeaseFate = 'kept';
  /** Of the last list. */
  #pullSecrets: readonly PullSecretRecord[] = [];
  /** For namespaces that could not be looked at. */
  #unread: readonly Leftover[] = [];
  /** By UID: what came of the last try. */
  readonly #troubles = new Map<string, Leftover>();
  /** UIDs that are not tried any more. */
  readonly #givenUp = new Set<string>();
  /** By namespace. */
  readonly #deletions = new Map<string, number>();

  constructor(task: CleanupTask, limits: Limits) {
    this.#task = task;
    this.#limits = limits;
    const noteLease = (fate: LeaseFate): void => {
      this.#lease = fate;
    };
    this.#pausing = { ...task, signal: limits.soon, noteLease };
    this.#tally = new Tally(task.tell);
    this.#strays = new StrayClearing({
      ...this.#source,
      late: limits.late,
      tally: this.#tally,
      waitForPause: () => waitForPause(this.#pausing),
    });
  }

  async run(): Promise<Findings> {
    const { takesStrayEntries } = this.#task;
    const ending = await this.#ending(async () => {
      await pauseLeader(this.#pausing);
      await this.#clearAll();
      await this.#strays.run();
    });
    const left = [...this.#left(), ...this.#unread, ...this.#strays.unlisted];
    const strayEntries = this.#strays.left;
    const isAllGone = isClean({ left, strayEntries, takesStrayEntries });
    if (ending.kind === 'done' && isAllGone && this.#lease === 'made') {
      this.#lease = await takeLeaseAway({ ...this.#task, signal: this.#limits.soon });
    }
    const { counts } = this.#tally;
    return { ending, ...counts, left, takesStrayEntries, strayEntries, lease: this.#lease };
  }

  #left(): readonly Leftover[] {
    return this.#pullSecrets.flatMap((one) => {
      if (this.#tally.isDeleted(one) && !one.terminating) return [];
      return [this.#troubles.get(one.uid) ?? leftoverOf(one)];
    });
  }

  get #source() {
    return { ...this.#task, signal: this.#limits.soon };
  }

  async #ending(work: () => Promise<void>): Promise<Ending> {
    try {
      await work();
      return { kind: 'done' };
    } catch (error) {
      if (this.#task.stop.aborted) return { kind: 'interrupted' };
      if (error instanceof ControllerError) return { kind: 'failed', why: renderError(error) };
      throw error;
    }
  }

  async #clearAll(): Promise<void> {
    const { clock, tell } = this.#task;
    const { soon } = this.#limits;
    for (let failures = 0; ;) {
      const { pullSecrets, unread } = await listPullSecrets(this.#source);
      this.#pullSecrets = pullSecrets;
      this.#unread = unread;
      const todo = this.#pullSecrets.filter((one) => this.#isToDo(one));
      if (todo.length === 0) return;
      tell(`${todo.length} Secrets to delete`);
      const failed = await this.#clear(todo);
      soon.throwIfAborted();
      failures = failed > 0 ? failures + 1 : 0;
      if (failed > 0) await pause(clock, waitMs(failures), soon);
      // What has come meanwhile is seen by the next list, after nobody can write any more.
      await waitForPause(this.#pausing);
    }
  }

  #isToDo(pullSecret: PullSecretRecord): boolean {
    if (!isDeletable(pullSecret) || this.#givenUp.has(pullSecret.uid)) return false;
    if ((this.#deletions.get(pullSecret.namespace) ?? 0) < DELETIONS_AT_MOST) return true;
    this.#giveUp(pullSecret, anewLeftover(pullSecret));
    return false;
  }

  #giveUp({ uid }: PullSecretRecord, why: Leftover): void {
    this.#troubles.set(uid, why);
    this.#givenUp.add(uid);
  }

  /** Gives how many failed and may be tried again. */
  async #clear(todo: readonly PullSecretRecord[]): Promise<number> {
    const { cluster, clock } = this.#task;
    const { soon, late } = this.#limits;
    let failed = 0;
    const stopTelling = this.#tally.watch(clock, todo.length);
    const work = async (pullSecret: PullSecretRecord): Promise<void> => {
      const cleared = await clearSecret(pullSecret, cluster, late);
      this.#tally.note(pullSecret, cleared);
      if (this.#note(pullSecret, cleared)) failed += 1;
    };
    const parallelism = { atOnce: CONCURRENT_SECRETS, signal: soon };
    await inParallel(todo, parallelism, work).finally(stopTelling);
    return failed;
  }

  /** True for what failed and may be tried again. */
  #note(pullSecret: PullSecretRecord, { kind, error }: Cleared): boolean {
    if (kind === 'deleted') {
      const { namespace } = pullSecret;
      this.#deletions.set(namespace, (this.#deletions.get(namespace) ?? 0) + 1);
      this.#troubles.delete(pullSecret.uid);
      return false;
    }
    if (kind === 'going') {
      this.#giveUp(pullSecret, goingLeftover(pullSecret));
      return false;
    }
    // What was broken off says nothing of the Secret.
    if (this.#limits.late.aborted) return true;
    const leftover = failedLeftover(pullSecret, error);
    this.#troubles.set(pullSecret.uid, leftover);
    if (mayPass(error)) return true;
    this.#giveUp(pullSecret, leftover);
    return false;
  }
}

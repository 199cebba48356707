/**
 * The controller, over any cluster and AWS: `run` connects it to the real ones, tests to simulated ones. It works in
 * leadership terms: each begins when this replica takes the lead, with an empty memory and a sweep, and ends with the lead.
 */
import type { ClusterState, CachedTokenState } from '../domain/state/cluster-state.ts';
import { GuardWatch } from './guard-watch.ts';
import { WorkerPool } from './worker-pool.ts';
import type { Leadership } from './election/leadership.ts';
import type { Random } from '../base/clock.ts';
import type { Settings } from '../domain/settings.ts';
import type { Change, ChangeSource } from './ports/cluster-view.ts';
import type { Guard } from './ports/guard.ts';
import type { TokenMinter } from './ports/token-minter.ts';
import { readClusterState, readCachedTokens } from './read-cluster-state.ts';
import { type ReconcileContext, type World, withMemory } from './pass/reconcile-context.ts';
import { isNearEnd } from '../domain/state/secret-state.ts';
import { type Priority, rank } from './queue/priority.ts';
import { TokenStore } from './tokens/token-store.ts';
import { type QueueObserver, WorkQueue } from './queue/work-queue.ts';

export interface ControllerDependencies extends Omit<World, 'tokens'> {
  readonly changes: ChangeSource;
  readonly minter: TokenMinter;
  readonly leadership: Leadership;
  readonly random: Random;
  readonly queueObserver: QueueObserver;
  /** Without it, nobody expects the guard to be in effect. */
  readonly guard?: Guard | undefined;
}

/**
 * How long passes under way may still take after a stop was requested. They wait for no mint, and the next leader,
 * which is to begin within 3 s, redoes what is aborted.
 */
export const DRAIN_MS = 750;

interface Term {
  readonly context: ReconcileContext;
  readonly workers: WorkerPool;
  readonly guardWatch: GuardWatch | undefined;
}

export class Controller {
  readonly #dependencies: ControllerDependencies;
  /** Outlives the terms: a cached token is just as good in the next one. */
  readonly #tokens: TokenStore;
  readonly #world: World;
  #term: Term | undefined;
  #isStopped = false;

  constructor(dependencies: ControllerDependencies) {
    this.#dependencies = dependencies;
    this.#tokens = new TokenStore(dependencies);
    this.#world = { ...dependencies, tokens: this.#tokens };
    dependencies.changes.listen((change: Change) => this.#term?.workers.notice(change));
  }

  /** Competes for the lead once the caches are complete: nothing is decided on incomplete caches. */
  start(): void {
    const { changes, leadership } = this.#dependencies;
    void changes.untilSynced().then(() => {
      leadership.start({ onStarted: () => this.#begin(), onStopped: () => this.#end() });
    });
  }

  /** Requeues every namespace. */
  sweep(): void {
    this.#term?.workers.sweep();
    this.#term?.guardWatch?.probe();
  }

  /** To be called now and then: forgets what is of no more use. */
  tidy(): void {
    this.#term?.workers.tidy();
    this.#tokens.keepOnly(identitiesIn(this.#world.settings()));
  }

  /** Reports what has waited for minutes. To be called at each tick. */
  async reportWaiting(): Promise<void> {
    await this.#term?.workers.reportWaiting();
  }

  /** `undefined` while this replica does not lead: the leader reports it. */
  async readState(): Promise<ClusterState | undefined> {
    const term = this.#term;
    const state = term && (await readClusterState(term.context));
    return this.#term === term ? state : undefined;
  }

  /** `undefined` if that is not known, or if this replica does not lead. */
  isGuardInEffect(): boolean | undefined {
    return this.#term?.guardWatch?.isInEffect;
  }

  readCachedTokens(): readonly CachedTokenState[] {
    return readCachedTokens(this.#world);
  }

  /**
   * Lets passes under way finish for up to `drainMs`, then aborts them, and gives up the lead. If the lead is lost in the
   * meantime, they are aborted at once. No other term begins.
   */
  async stop(drainMs: number): Promise<void> {
    this.#isStopped = true;
    await this.#term?.workers.stop(drainMs);
    this.#end();
    this.#tokens.stop();
    await this.#dependencies.leadership.release();
  }

  #begin(): void {
    if (this.#isStopped) return;
    const { clock, random, queueObserver, guard } = this.#dependencies;
    const context = withMemory(this.#world);
    const queue = new WorkQueue(clock, random, queueObserver, (name, priority) =>
      this.#urgencyOf(name, priority),
    );
    const workers = new WorkerPool(context, queue);
    const guardWatch = guard && new GuardWatch({ ...context, guard });
    this.#term = { context, workers, guardWatch };
    workers.start();
    guardWatch?.start();
  }

  /** Only a new namespace comes before one whose token is near its end. */
  #urgencyOf(name: string, priority: Priority): Priority {
    if (rank(priority) <= rank('expiring')) return priority;
    const { cluster, clock } = this.#dependencies;
    const pullSecret = cluster.pullSecretIn(name);
    return pullSecret !== undefined && isNearEnd(pullSecret, clock.now()) ? 'expiring' : priority;
  }

  /** Does not wait: passes under way are aborted and write nothing more. */
  #end(): void {
    const term = this.#term;
    this.#term = undefined;
    void term?.workers.stop(0);
    term?.guardWatch?.stop();
  }
}

function identitiesIn({ profiles }: Settings): ReadonlySet<string> {
  const healthy = [...profiles.values()].flatMap((state) =>
    state.kind === 'healthy' ? state.profile.logins : [],
  );
  return new Set(healthy.map(({ identity }) => identity.hash));
}

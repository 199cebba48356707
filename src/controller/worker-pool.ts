/** Workers that take namespaces from the queue, for one leadership term. */
import { Deadline } from '../base/deadline.ts';
import type { Lane } from '../base/lane.ts';
import { after } from '../domain/times.ts';
import { reactTo } from './pass/error-policy.ts';
import type { Outcome } from './pass/outcome.ts';
import type { Change } from './ports/cluster-view.ts';
import type { ReconcileContext } from './pass/reconcile-context.ts';
import { reconcileNamespace } from './pass/reconcile.ts';
import { reportOverdue } from './pass/report-overdue.ts';
import { Run, SLOW_RUN_SLOTS } from './run.ts';
import { SlowSlots } from './slow-slots.ts';
import { wakeUpFor } from './triggers.ts';
import type { Priority } from './queue/priority.ts';
import type { Work } from './queue/ready-queue.ts';
import type { WorkQueue } from './queue/work-queue.ts';

const URGENT: readonly Lane[] = ['urgent'];
const QUICK: readonly Lane[] = ['urgent', 'routine'];
const SLOW: readonly Lane[] = ['slow'];
/** How many passes run at the same time; they mostly wait for the API server. */
const QUICK_WORKERS = 12;
/** More of them, for urgent ones alone. */
const URGENT_WORKERS = 4;
const SLOW_REQUESTS = 64;

export class WorkerPool {
  readonly #context: ReconcileContext;
  readonly #queue: WorkQueue;
  /** Of all passes; its time starts with `stop`. */
  readonly #deadline: Deadline;
  readonly #slots = new SlowSlots(SLOW_REQUESTS);
  readonly #runs = new Set<Promise<void>>();
  #workers: readonly Promise<void>[] = [];

  constructor(context: ReconcileContext, queue: WorkQueue) {
    this.#context = context;
    this.#queue = queue;
    this.#deadline = new Deadline(context.clock);
  }

  /** Begins with a sweep. The caches must be complete: nothing is decided on incomplete ones. */
  start(): void {
    this.sweep();
    this.#workers = [
      ...Array.from({ length: URGENT_WORKERS }, () => this.#work(URGENT)),
      ...Array.from({ length: QUICK_WORKERS }, () => this.#work(QUICK)),
      this.#workSlowly(),
    ];
  }

  /** Lets passes under way finish for up to `graceMs`, then aborts them; with 0, before it returns. */
  async stop(graceMs: number): Promise<void> {
    this.#queue.stop();
    if (graceMs === 0) this.#deadline.end();
    this.#deadline.restart(graceMs);
    await Promise.all(this.#workers);
    await Promise.all(this.#runs);
    this.#deadline.release();
  }

  /** To be called when something has changed in the caches. */
  notice(change: Change): void {
    const { namespace, priority } = wakeUpFor(change);
    this.#queue.add(namespace, priority);
  }

  /** Requeues every namespace, in slices: the safety net, and what a new configuration asks for. */
  sweep(): void {
    const { cluster, slices } = this.#context;
    void slices.forEach(cluster.namespaces(), ({ name }) => this.#queue.add(name, 'sweep'));
  }

  /** Forgets what is of no more use, in slices. */
  tidy(): void {
    const { clock, cluster, damper, slices } = this.#context;
    const now = clock.now();
    void slices.forEach(damper.namespaces(), (name) =>
      damper.prune(name, cluster.observe(name), now),
    );
  }

  /** To be called at each tick: who only waits for a turn must not wait in silence either. */
  async reportWaiting(): Promise<void> {
    await this.#context.slices.forEach([...this.#queue.waiting()], (name) => {
      if (!this.#deadline.signal.aborted) reportOverdue(name, this.#context);
    });
  }

  /** Goes on when its pass has ended, or has become slow and goes on by itself. */
  async #work(lanes: readonly Lane[]): Promise<void> {
    for (let work = await this.#queue.take(lanes); work; work = await this.#queue.take(lanes)) {
      const { run, ended } = this.#begin(work);
      await Promise.race([ended, run.becameSlow]);
    }
  }

  /** Gives each slow namespace its turn, as soon as there is room for it. */
  async #workSlowly(): Promise<void> {
    for (let work = await this.#queue.take(SLOW); work; work = await this.#queue.take(SLOW)) {
      await this.#slots.take(SLOW_RUN_SLOTS);
      this.#begin(work);
    }
  }

  #begin(work: Work): { readonly run: Run; readonly ended: Promise<void> } {
    const { key, priority } = work;
    const run = new Run({
      clock: this.#context.clock,
      priority,
      slots: this.#slots,
      parent: this.#deadline.signal,
      requeue: () => this.#queue.add(key, priority),
    });
    const ended = this.#reconcile(work, run)
      .catch((err: unknown) => {
        this.#context.log.error({ namespace: key, err }, 'pass failed with a program fault');
        this.#queue.retry(key, priority);
      })
      .finally(() => {
        run.end();
        this.#queue.done(key);
        this.#runs.delete(ended);
      });
    this.#runs.add(ended);
    return { run, ended };
  }

  async #reconcile(work: Work, run: Run): Promise<void> {
    const { clock, log, measurements, slices } = this.#context;
    const startedMs = clock.monotonicMs();
    let outcome: Outcome;
    try {
      // Thousands of passes that never wait must leave time for the rest of the process: probes, watches, timers.
      outcome = await slices.run(() => reconcileNamespace(work.key, this.#context, run));
    } catch (err) {
      log.warn({ namespace: work.key, err }, 'pass failed');
      outcome = reactTo([err], undefined);
    }
    measurements.reconciled(outcome.kind, clock.monotonicMs() - startedMs);
    if (run.isCutShort) return this.#queue.postpone(work.key, 'rotation');
    this.#judge(work.key, outcome, run);
    this.#followUp(work, outcome);
  }

  /** Decides where the namespace waits for its next pass: among the slow, or among the others. */
  #judge(key: string, outcome: Outcome, { isSlow }: Run): void {
    if (outcome.kind === 'error') this.#queue.failed(key, outcome.cause);
    else this.#queue.succeeded(key);
    if (isSlow) this.#queue.hung(key, 'SLOW');
  }

  /** Who waits for a first token comes before those who have one, also when AWS is back and all want one at once. */
  #priorityInWaiting(key: string): Priority {
    return this.#context.cluster.pullSecretIn(key) === undefined ? 'new' : 'rotation';
  }

  #followUp({ key, priority }: Work, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'success':
        return this.#queue.forget(key);
      case 'requeue_after':
        this.#queue.forget(key);
        // Not before 50 ms from now: a time that is already past must not cause a hot loop.
        return this.#queue.addAt(
          key,
          laterOf(outcome.at, after(this.#context.clock.now(), 50)),
          this.#priorityInWaiting(key),
        );
      case 'requeue':
        if (!outcome.isUnfinished) return void this.#queue.retry(key, priority);
        this.#queue.forget(key);
        return this.#queue.add(key, 'rotation');
      case 'error':
        this.#queue.retry(key, priority);
    }
  }
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b;
}

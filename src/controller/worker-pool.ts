/** Workers that take namespaces from the queue, for one leadership term. */
import { Deadline } from '../base/deadline.ts';
import { after } from '../domain/times.ts';
import { reactTo } from './pass/error-policy.ts';
import type { Outcome } from './pass/outcome.ts';
import type { Change } from './ports/cluster-view.ts';
import type { ReconcileContext } from './pass/reconcile-context.ts';
import { reconcileNamespace } from './pass/reconcile.ts';
import { wakeUpFor } from './triggers.ts';
import type { Priority } from './queue/priority.ts';
import type { Work, WorkQueue } from './queue/work-queue.ts';

/** How many passes run at the same time; they mostly wait for the API server. */
const WORKERS = 16;

export class WorkerPool {
  readonly #context: ReconcileContext;
  readonly #queue: WorkQueue;
  /** Of all passes; its time starts with `stop`. */
  readonly #deadline: Deadline;
  #workers: readonly Promise<void>[] = [];

  constructor(context: ReconcileContext, queue: WorkQueue) {
    this.#context = context;
    this.#queue = queue;
    this.#deadline = new Deadline(context.clock);
  }

  /** Begins with a sweep. The caches must be complete: nothing is decided on incomplete ones. */
  start(): void {
    this.sweep();
    this.#workers = Array.from({ length: WORKERS }, () => this.#work());
  }

  /** Lets passes under way finish for up to `graceMs`, then aborts them; with 0, before it returns. */
  async stop(graceMs: number): Promise<void> {
    this.#queue.stop();
    if (graceMs === 0) this.#deadline.end();
    this.#deadline.restart(graceMs);
    await Promise.all(this.#workers);
    this.#deadline.release();
  }

  /** To be called when something has changed in the caches. */
  notice(change: Change): void {
    const { namespace, priority } = wakeUpFor(change);
    this.#queue.add(namespace, priority);
  }

  /** Requeues every namespace, in slices: the safety net, and what a new configuration asks for. */
  sweep(): void {
    const { clock, cluster, damper, slices } = this.#context;
    damper.prune(clock.now());
    void slices.forEach(cluster.namespaces(), ({ name }) => this.#queue.add(name, 'sweep'));
  }

  async #work(): Promise<void> {
    for (let work = await this.#queue.take(); work !== undefined; work = await this.#queue.take()) {
      const { key, priority } = work;
      await this.#reconcile(work).catch((err: unknown) => {
        this.#context.log.error({ namespace: key, err }, 'pass failed with a program fault');
        this.#queue.retry(key, priority);
      });
      this.#queue.done(key);
    }
  }

  async #reconcile({ key, priority }: Work): Promise<void> {
    const { clock, log, measurements, slices } = this.#context;
    const startedAt = clock.now();
    let outcome: Outcome;
    try {
      const pass = {
        signal: this.#deadline.signal,
        requeue: () => this.#queue.add(key, priority),
      };
      // Thousands of passes that never wait must leave time for the rest of the process: probes, watches, timers.
      outcome = await slices.run(() => reconcileNamespace(key, this.#context, pass));
    } catch (err) {
      log.warn({ namespace: key, err }, 'pass failed');
      outcome = reactTo([err], undefined);
    }
    const durationMs = Math.max(0, clock.now().getTime() - startedAt.getTime());
    measurements.reconciled(outcome.kind, durationMs);
    this.#followUp(key, priority, outcome);
  }

  #followUp(key: string, priority: Priority, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'success':
        return this.#queue.forget(key);
      case 'requeue_after':
        this.#queue.forget(key);
        // Not before 50 ms from now: a time that is already past must not cause a hot loop.
        return this.#queue.addAt(
          key,
          laterOf(outcome.at, after(this.#context.clock.now(), 50)),
          'rotation',
        );
      case 'requeue':
      case 'error':
        this.#queue.retry(key, priority);
    }
  }
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b;
}

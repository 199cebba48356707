/**
 * The loop: observe, plan, apply, decide when to requeue. Level-driven: the cause of a pass changes nothing, and a pass
 * that finds nothing to do writes nothing.
 */
import { renderPlan } from '../../domain/plan/render-plan.ts';
import { earliest } from '../../domain/times.ts';
import { reactTo } from './error-policy.ts';
import { carryOut } from './held-removal.ts';
import { type Outcome, requeueAfter } from './outcome.ts';
import { planNow } from './plan-now.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { troubleOfCondition, troubleOfDeferred, troublesOfOverdue } from './troubles.ts';

/**
 * One pass: brings the namespace `name` closer to its desired state. `context` is the world and the memory of this
 * leadership term; `pass.signal` aborts the pass when the term ends.
 *
 * Resolves with the outcome, by which the caller must requeue the namespace. What goes wrong in the cluster or at AWS does
 * not reject: it is logged, is reported as a trouble if it concerns the namespace's users, and decides the outcome. A
 * rejection is a bug. The pass does not wait for AWS: if a token is being minted, it ends without it, and calls
 * `pass.requeue` when the mint has ended.
 *
 * Passes over different namespaces may run at the same time; the caller must never run two over the same one, which the
 * queue guarantees. A pass may be repeated at any time, and may die at any point: all it needs is in the caches, its
 * steps do not depend on each other, and the next pass, by whatever replica, does the rest. A namespace that is not in
 * the caches is forgotten.
 */
export async function reconcileNamespace(
  name: string,
  context: ReconcileContext,
  pass: Pass,
): Promise<Outcome> {
  const { cluster, clock, damper, log, troubles } = context;
  const observed = cluster.observe(name);
  if (observed === undefined) {
    const { requests, removals, notices, overdue, stopwatch, history } = context;
    const memories = [requests, removals, damper, troubles, notices, overdue, stopwatch, history];
    for (const memory of memories) memory.forget(name);
    return { kind: 'success' };
  }

  const now = clock.now();
  const plan = planNow(observed, context, now);
  const { admitted, deferred, deferredUntil } = damper.admit(
    name,
    [...plan.steps, ...plan.withheld],
    now,
  );
  if (plan.steps.length > 0) log.debug({ namespace: name, plan: renderPlan(plan) }, 'planned');
  context.overdue.due(name, [...plan.steps, ...plan.withheld], clock.monotonicMs());
  context.stopwatch.begin(name, plan.steps, now);
  context.history.note(observed, plan.steps, clock.monotonicMs());
  const carriedOut = await carryOut({ ...plan, steps: admitted }, observed, context, pass);
  const { failures, isUnfinished } = carriedOut;

  const isSettled = failures.length === 0 && deferred.length === 0 && !isUnfinished;
  troubles.report(
    observed,
    [
      ...plan.conditions.map((condition) => troubleOfCondition(condition, observed)),
      ...carriedOut.troubles,
      ...deferred.map((step) => troubleOfDeferred(step, observed)),
      ...troublesOfOverdue(context.overdue.overdue(name, clock.monotonicMs()), observed),
    ],
    isSettled,
  );
  context.notices.tell(
    observed,
    plan.notices.map((notice) => troubleOfCondition(notice, observed)),
  );
  const nextAt = earliest([plan.requeueAt, deferredUntil]);
  if (failures.length > 0) {
    const errors = failures.map(({ error }) => error);
    return reactTo(errors, nextAt);
  }
  if (isSettled) context.stopwatch.end(cluster.observe(name), clock.now());
  return admitted.length > 0 ? { kind: 'requeue', isUnfinished } : requeueAfter(nextAt);
}

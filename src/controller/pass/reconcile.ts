/**
 * The loop: observe, plan, apply, say when to look again. Level-driven: why we were woken changes nothing here, and a
 * pass that finds nothing to do writes nothing.
 */
import { renderPlan } from '../../domain/plan/render-plan.ts';
import { earliest } from '../../domain/times.ts';
import { applySteps } from './apply-steps.ts';
import { reactTo } from './error-policy.ts';
import { type Outcome, requeueAfter } from './outcome.ts';
import { planNow } from './plan-now.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { troubleOfCondition, troubleOfFailure, troubleOfConflict } from './troubles.ts';

/** Brings one namespace to its desired state. Never throws for what went wrong in the cluster or at AWS. */
export async function reconcileNamespace(
  name: string,
  context: ReconcileContext,
  pass: Pass,
): Promise<Outcome> {
  const { cluster, clock, damper, log, troubles } = context;
  const observed = cluster.observe(name);
  if (observed === undefined) {
    const memories = [context.requests, damper, troubles, context.stopwatch];
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
  context.stopwatch.begin(name, plan.steps, now);
  const failures = await applySteps(admitted, observed, context, pass);

  troubles.report(observed, [
    ...plan.conditions.map((condition) => troubleOfCondition(condition, observed)),
    ...failures.flatMap((failure) => troubleOfFailure(failure, observed)),
    ...deferred.map((step) => troubleOfConflict(step, observed)),
  ]);
  const nextAt = earliest([plan.requeueAt, deferredUntil]);
  if (failures.length > 0) {
    const errors = failures.map(({ error }) => error);
    return reactTo(errors, nextAt);
  }
  if (deferred.length === 0) context.stopwatch.end(cluster.observe(name), clock.now());
  return admitted.length > 0 ? { kind: 'requeue' } : requeueAfter(nextAt);
}

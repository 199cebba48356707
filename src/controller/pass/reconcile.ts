/**
 * The loop: observe, plan, apply, say when to look again. Level-driven: why we were woken changes nothing here, and a
 * pass that finds nothing to do writes nothing.
 */
import { renderPlan } from '../../domain/plan/render-plan.ts';
import { earliest } from '../../domain/times.ts';
import { applySteps } from './apply-steps.ts';
import { reactTo } from './error-policy.ts';
import { type Outcome, recheckAt } from './outcome.ts';
import { planNow } from './plan-now.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { troubleOfCondition, troubleOfFailure, troubleOfWar } from './troubles.ts';

/** Brings one namespace to its desired state. Never throws for what went wrong in the cluster or at AWS. */
export async function reconcileNamespace(
  name: string,
  context: ReconcileContext,
  pass: Pass,
): Promise<Outcome> {
  const { cluster, clock, damper, log, stalls } = context;
  const observed = cluster.observe(name);
  if (observed === undefined) {
    for (const memory of [context.requests, damper, stalls, context.stopwatch]) memory.forget(name);
    return { kind: 'idle' };
  }

  const now = clock.now();
  const plan = planNow(observed, context, now);
  const { admitted, held, heldUntil } = damper.admit(name, [...plan.steps, ...plan.withheld], now);
  if (plan.steps.length > 0) log.debug({ namespace: name, plan: renderPlan(plan) }, 'planned');
  context.stopwatch.begin(name, plan.steps, now);
  const failures = await applySteps(admitted, observed, context, pass);

  stalls.report(observed, [
    ...plan.conditions.map((condition) => troubleOfCondition(condition, observed)),
    ...failures.flatMap((failure) => troubleOfFailure(failure, observed)),
    ...held.map((step) => troubleOfWar(step, observed)),
  ]);
  const nextAt = earliest([plan.recheckAt, heldUntil]);
  if (failures.length > 0) {
    const errors = failures.map(({ error }) => error);
    return reactTo(errors, nextAt);
  }
  if (held.length === 0) context.stopwatch.end(cluster.observe(name), clock.now());
  return admitted.length > 0 ? { kind: 'recheckSoon' } : recheckAt(nextAt);
}

/**
 * The loop: observe, plan, apply, say when to look again. Level-driven: why we were woken changes nothing here, and a
 * pass that finds nothing to do writes nothing.
 */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Plan } from '../../domain/plan/plan-model.ts';
import { earliest } from '../../domain/times.ts';
import { applySteps } from './apply-steps.ts';
import { reactTo } from './error-policy.ts';
import { type Outcome, recheckAt } from './outcome.ts';
import { planNow } from './plan-now.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import type { Admission } from '../memory/repair-damper.ts';
import { troubleOfCondition, troubleOfFailure, troubleOfWar } from './troubles.ts';

/** Brings one namespace to its desired state. Never throws for what went wrong in the cluster or at AWS. */
export async function reconcileNamespace(
  name: string,
  context: ReconcileContext,
  pass: Pass,
): Promise<Outcome> {
  const { cluster, clock, damper, stalls } = context;
  const observed = cluster.observe(name);
  if (observed === undefined) {
    for (const memory of [context.requests, damper, stalls, context.stopwatch]) memory.forget(name);
    return { kind: 'idle' };
  }

  const plan = planNow(observed, context);
  const { admitted, held, heldUntil } = admit(plan, observed, context);
  context.stopwatch.begin(name, plan.steps, clock.now());
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

/** Where the damper holds bookkeeping back, the write that would come after it is tried in its place. */
function admit({ steps }: Plan, observed: ObservedNamespace, context: ReconcileContext): Admission {
  const { damper, clock } = context;
  const admission = damper.admit(observed.name, steps, clock.now());
  if (!admission.held.some(({ kind }) => kind === 'annotateSecret')) return admission;
  const others = planNow(observed, context, false).steps;
  const { admitted } = damper.admit(observed.name, others, clock.now());
  return { ...admission, admitted };
}

/** Plans a namespace with what this process remembers, and under the brake. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Plan, Step } from '../../domain/plan/plan-model.ts';
import { planNamespace } from '../../domain/plan/plan.ts';
import type { RefreshRequests } from '../memory/refresh-requests.ts';
import type { ReconcileContext } from './reconcile-context.ts';

export interface PlanNow extends Plan {
  /** The steps that remove something, if the brake or a refusal of the server holds them back. */
  readonly heldBack?: readonly Step[];
}

/** `isFinal`: a step that can't be undone is about to be sent. Otherwise the brake's answer may be slightly old. */
export function planNow(
  observed: ObservedNamespace,
  context: ReconcileContext,
  now: Date,
  isFinal = false,
): PlanNow {
  const settings = context.settings();
  const { damper, requests, removals, instance, brake } = context;
  const refreshRequestSeenAt = requestSeenAt(observed, requests, now);
  const { whileBraked, ...plan } = planNamespace({
    observed,
    settings,
    secretName: instance.secretName,
    now,
    refreshRequestSeenAt,
    removalSeen: removals.dueIn(observed),
    bookkeepingAllowed: damper.mayAnnotate(observed.name, now),
    isContested: (uid) => damper.isContested(observed.name, uid, now),
  });
  removals.note(observed, plan.removalSeen);
  // The brake goes over every Secret in the cluster, so it is asked only if something is to be removed.
  if (whileBraked === undefined) return plan;
  const isHeldBack = removals.isStalled(observed) || brake.assess(settings, now, !isFinal).engaged;
  return isHeldBack ? { ...whileBraked, heldBack: plan.steps } : plan;
}

/** A request is not forgotten while another annotation is invalid. */
function requestSeenAt(
  { name, request, pullSecret }: ObservedNamespace,
  requests: RefreshRequests,
  now: Date,
): Date | undefined {
  if (request.kind === 'invalid') return undefined;
  const value = request.value.refreshRequestedAt;
  return requests.seenAt(name, { value, satisfied: pullSecret?.refreshRequestedAt }, now);
}

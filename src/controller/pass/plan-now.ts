/** The pure plan, fed with what this process remembers and with the state of the brake. */
import { NAMESPACE_ANNOTATIONS } from '../../domain/contract.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Plan } from '../../domain/plan/plan-model.ts';
import { planNamespace, removes } from '../../domain/plan/plan.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** `bookkeepingAllowed`: whether steps may be planned that only change labels and annotations of the Secret. */
export function planNow(
  observed: ObservedNamespace,
  context: ReconcileContext,
  bookkeepingAllowed = true,
): Plan {
  const settings = context.settings();
  const now = context.clock.now();
  const refreshRequestSeenAt = context.requests.seenAt(
    observed.name,
    {
      value: observed.annotations[NAMESPACE_ANNOTATIONS.refreshRequestedAt],
      satisfied: observed.pullSecret?.refreshRequestedAt,
    },
    now,
  );
  const input = {
    observed,
    settings,
    secretName: context.instance.secretName,
    now,
    refreshRequestSeenAt,
    bookkeepingAllowed,
  };
  const plan = planNamespace({ ...input, removalAllowed: true });
  // The brake looks at every Secret in the cluster, so it is asked only where something is to be removed.
  if (!removes(plan.steps) || !context.guard.assess(settings, now).engaged) return plan;
  return planNamespace({ ...input, removalAllowed: false });
}

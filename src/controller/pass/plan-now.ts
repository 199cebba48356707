/** The pure plan, with what this process remembers and the state of the brake as input. */
import { NAMESPACE_ANNOTATIONS } from '../../domain/contract.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Plan } from '../../domain/plan/plan-model.ts';
import { planNamespace } from '../../domain/plan/plan.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** `isUndoable`: the steps that are asked for can be undone, so the brake's answer may be a moment old. */
export function planNow(
  observed: ObservedNamespace,
  context: ReconcileContext,
  now: Date,
  isUndoable = false,
): Plan {
  const settings = context.settings();
  const { damper, requests, instance, brake } = context;
  const refreshRequestSeenAt = requests.seenAt(
    observed.name,
    {
      value: observed.annotations[NAMESPACE_ANNOTATIONS.refreshRequestedAt],
      satisfied: observed.pullSecret?.refreshRequestedAt,
    },
    now,
  );
  const { whileBraked, ...plan } = planNamespace({
    observed,
    settings,
    secretName: instance.secretName,
    now,
    refreshRequestSeenAt,
    bookkeepingAllowed: damper.mayAnnotate(observed.name, now),
  });
  // The brake looks at every Secret in the cluster, so it is asked only where something is to be removed.
  if (whileBraked === undefined) return plan;
  return brake.assess(settings, now, isUndoable).engaged ? whileBraked : plan;
}

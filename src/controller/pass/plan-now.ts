/** Plans a namespace with what this process remembers, and under the brake. */
import { NAMESPACE_ANNOTATIONS } from '../../domain/contract.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Plan } from '../../domain/plan/plan-model.ts';
import { planNamespace } from '../../domain/plan/plan.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** `isUndoable`: the caller's step can be undone, so the brake's answer may be slightly old. */
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
  // The brake goes over every Secret in the cluster, so it is asked only if something is to be removed.
  if (whileBraked === undefined) return plan;
  return brake.assess(settings, now, isUndoable).engaged ? whileBraked : plan;
}

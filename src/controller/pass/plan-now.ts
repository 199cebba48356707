/** The pure plan, fed with what this process remembers and with the state of the brake. */
import { NAMESPACE_ANNOTATIONS } from '../../domain/contract.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Plan } from '../../domain/plan/plan-model.ts';
import { planNamespace } from '../../domain/plan/plan.ts';
import type { ReconcileContext } from './reconcile-context.ts';

export function planNow(observed: ObservedNamespace, context: ReconcileContext, now: Date): Plan {
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
  return whileBraked !== undefined && brake.assess(settings, now).engaged ? whileBraked : plan;
}

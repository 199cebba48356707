/** Reports what has been due for minutes in a namespace that still waits for its pass. */
import { planNow } from './plan-now.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import { troublesOfOverdue } from './troubles.ts';

/** Changes nothing in the cluster. */
export function reportOverdue(name: string, context: ReconcileContext): void {
  const { cluster, clock, overdue, troubles } = context;
  const observed = cluster.observe(name);
  if (observed === undefined) return;
  const { steps, withheld } = planNow(observed, context, clock.now());
  const nowMs = clock.monotonicMs();
  overdue.due(name, [...steps, ...withheld], nowMs);
  const found = troublesOfOverdue(overdue.overdue(name, nowMs), observed);
  if (found.length > 0) troubles.report(observed, found, false);
}

/** Takes a Secret of ours away: stamp it, wait for the grace period, detach, then delete. */
import type { PullSecretRecord } from '../state/observed.ts';
import type { Plan, PlanInput, RemovalReason, Step } from './plan-model.ts';
import { referencesTo } from './plan-service-accounts.ts';
import { firstDue, parseRemovalDue, renderRemovalDue } from '../state/removal-due.ts';
import { after, earliest } from '../times.ts';

/** Nothing wakes a namespace when the brake is released. */
export const LOOK_AGAIN_MS = 60_000;

/** After an opt-out, and for a Secret with our Apply entry only: what is merely labelled as ours may not be deleted. */
export function planRemoval(input: PlanInput): Plan {
  const { observed, settings, now } = input;
  const { pullSecret } = observed;
  if (pullSecret?.appliedByUs !== true) return plan([]);

  const stamped = parseRemovalDue(pullSecret.removalDueAt);
  const latestDue = after(now, settings.removal.gracePeriodMs);
  const dueAt = stamped === undefined ? undefined : firstDue(stamped);
  if (stamped?.kind !== 'whole' || dueAt === undefined || dueAt > latestDue) {
    // Times of single profiles are passed on, so that going in and out of the list never prolongs the grace.
    const at = earliest([dueAt, latestDue]) ?? latestDue;
    return plan(input.bookkeepingAllowed ? [stampStep(pullSecret, at)] : []);
  }
  if (now < dueAt) return plan([], dueAt);
  if (!input.removalAllowed) return plan([], after(now, LOOK_AGAIN_MS));
  return plan(removalSteps(input, pullSecret, 'optedOut'));
}

/** First no ServiceAccount may name the Secret any more; the pass after that deletes it. */
export function removalSteps(
  { observed, settings, secretName }: PlanInput,
  existing: PullSecretRecord,
  reason: RemovalReason,
): readonly Step[] {
  const attached =
    settings.attach === 'none'
      ? []
      : observed.serviceAccounts.filter((account) => referencesTo(secretName, account) > 0);
  return attached.length > 0
    ? attached.map((account) => ({ kind: 'detach', reason, account }))
    : [{ kind: 'deleteSecret', reason, existing }];
}

function stampStep(existing: PullSecretRecord, at: Date): Step {
  const removalDueAt = renderRemovalDue({ kind: 'whole', at });
  return { kind: 'annotateSecret', reason: 'removalStamped', existing, removalDueAt };
}

function plan(steps: readonly Step[], recheckAt?: Date): Plan {
  return { steps, conditions: [], recheckAt };
}

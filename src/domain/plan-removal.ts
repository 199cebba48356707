/** Takes a Secret of ours away: stamp it, wait for the grace period, detach, then delete. */
import type { ObservedNamespace, PullSecretRecord } from './observed.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';
import { type RemovalDue, firstDue, parseRemovalDue, renderRemovalDue } from './removal-due.ts';
import { referencesTo } from './plan-service-accounts.ts';
import { after } from './times.ts';

/** Why the Secret goes: the namespace opted out, or may no longer use these profiles. */
export type Removal =
  { readonly kind: 'whole' } | { readonly kind: 'profiles'; readonly names: readonly string[] };

/** Nothing wakes a namespace when the brake is released. */
const LOOK_AGAIN_MS = 60_000;

/** For a Secret with our Apply entry only: what is merely labelled as ours may not be deleted. */
export function planRemoval(input: PlanInput, removal: Removal): Plan {
  const { observed, settings, now } = input;
  const { pullSecret } = observed;
  if (pullSecret?.appliedByUs !== true) return plan([]);

  const stamped = parseRemovalDue(pullSecret.removalDueAt);
  const latestDue = after(now, settings.removal.gracePeriodMs);
  if (stamped === undefined || !isStampFor(removal, stamped) || firstDue(stamped) > latestDue) {
    const step = stampStep(pullSecret, removal, inherit(stamped, latestDue));
    return plan(input.bookkeepingAllowed ? [step] : []);
  }
  const dueAt = firstDue(stamped);
  if (now < dueAt) return plan([], dueAt);
  if (!input.removalAllowed) return plan([], after(now, LOOK_AGAIN_MS));
  return plan(removalSteps(observed, pullSecret, removal, input));
}

/** A stamp of the other kind passes its time on, so that going in and out of the list never prolongs the grace. */
function inherit(stamped: RemovalDue | undefined, latestDue: Date): Date {
  if (stamped === undefined) return latestDue;
  const due = firstDue(stamped);
  return due < latestDue ? due : latestDue;
}

function isStampFor(removal: Removal, stamped: RemovalDue): boolean {
  if (removal.kind === 'whole') return stamped.kind === 'whole';
  return stamped.kind === 'profiles' && removal.names.every((name) => stamped.at.has(name));
}

function stampStep(existing: PullSecretRecord, removal: Removal, at: Date): Step {
  const due: RemovalDue =
    removal.kind === 'whole'
      ? { kind: 'whole', at }
      : { kind: 'profiles', at: new Map(removal.names.map((name) => [name, at])) };
  return {
    kind: 'annotateSecret',
    reason: 'removalStamped',
    existing,
    removalDueAt: renderRemovalDue(due),
  };
}

/** First no ServiceAccount may name the Secret any more; the pass after that deletes it. */
function removalSteps(
  observed: ObservedNamespace,
  existing: PullSecretRecord,
  removal: Removal,
  { settings, secretName }: PlanInput,
): readonly Step[] {
  const reason = removal.kind === 'whole' ? 'optedOut' : 'profileWithdrawn';
  const attached =
    settings.attach === 'none'
      ? []
      : observed.serviceAccounts.filter((account) => referencesTo(secretName, account) > 0);
  return attached.length > 0
    ? attached.map((account) => ({ kind: 'detach', reason, account }))
    : [{ kind: 'deleteSecret', reason, existing }];
}

function plan(steps: readonly Step[], recheckAt?: Date): Plan {
  return { steps, conditions: [], recheckAt };
}

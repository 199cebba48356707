/** The third stage of a plan: derives the steps that bring about the fate of the Secret. */
import type { CachedPullSecret } from '../state/observed.ts';
import { earliest } from '../times.ts';
import { dueAt } from '../token/refresh-policy.ts';
import { type EntryPlan, isRenewal, withdrawnIn } from './entry-plan.ts';
import type { Fate, Maintained } from './fate.ts';
import type { AnnotateSecretStep, Plan, PlanInput, Step } from './plan-model.ts';
import { configHashOf, writeReason } from './write-reason.ts';

type SecretPlan = Omit<Plan, 'conditions' | 'notices' | 'removalSeen'>;

export function secretSteps(input: PlanInput, fate: Fate): SecretPlan {
  switch (fate.kind) {
    case 'nothing':
      return { steps: [], withheld: listed(fate.withheld), requeueAt: fate.requeueAt };
    case 'stamped':
      return { steps: [fate.stamp], withheld: [], requeueAt: undefined };
    case 'removed':
      return {
        steps: removal(input, fate),
        withheld: listed(fate.withheld),
        requeueAt: undefined,
      };
    case 'maintained':
      return maintaining(input, fate);
  }
}

/** Whether any of the steps is part of a removal: those are subject to the brake and to a live read of the namespace. */
export function removes(steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      step.kind === 'deleteSecret' ||
      (step.kind === 'writeSecret' && withdrawnIn(step.entries).length > 0) ||
      (step.kind === 'detach' && step.reason !== 'notListed'),
  );
}

/** First every ServiceAccount loses its reference to the Secret; a later pass deletes the Secret. */
function removal(
  { observed, settings, isContested }: PlanInput,
  { existing, reason }: Extract<Fate, { kind: 'removed' }>,
): readonly Step[] {
  const attached =
    settings.attach === 'none'
      ? []
      : observed.serviceAccounts.filter(
          ({ uid, references, tooLarge }) =>
            references > 0 && tooLarge !== true && !isContested(uid),
        );
  return attached.length > 0
    ? attached.map((account) => ({ kind: 'detach', reason, account }))
    : [{ kind: 'deleteSecret', reason, existing }];
}

function maintaining({ observed, bookkeepingAllowed }: PlanInput, fate: Maintained): SecretPlan {
  const existing = observed.pullSecret;
  const { entries, isRequested, refreshRequestedAt, requeueAt } = fate;
  const stamp = listed(fate.withheld);
  if (!canWrite(entries)) return { steps: [], withheld: stamp, requeueAt };
  // A repair that needs no token comes first, so that it is made whether AWS answers or not.
  const repair = repairStep(existing);
  if (repair !== undefined && bookkeepingAllowed) {
    return { steps: [repair], withheld: [], requeueAt };
  }
  const withheld = [...stamp, ...listed(repair)].slice(0, 1);
  const configHash = configHashOf(fate.profiles);
  const reason = writeReason(existing, { entries, configHash, isRequested });
  if (reason === undefined) {
    return { steps: [], withheld, requeueAt: earliest([requeueAt, nextDueAt(entries)]) };
  }
  const content = { entries, configHash, refreshRequestedAt, existing };
  return { steps: [{ kind: 'writeSecret', reason, ...content }], withheld, requeueAt };
}

/** With nothing to renew, a write can only drop entries, and something must remain. */
function canWrite(entries: readonly EntryPlan[]): boolean {
  const has = (verdict: EntryPlan['verdict']) => entries.some((row) => row.verdict === verdict);
  return has('renew') || (has('keep') && has('drop'));
}

/** The earliest due time of the entries that can be renewed: the others stay as they are, however old. */
function nextDueAt(entries: readonly EntryPlan[]): Date | undefined {
  return earliest(
    entries.filter(isRenewal).map(({ record, need }) => {
      return record === undefined ? undefined : dueAt(record, need.jitter, need.refresh);
    }),
  );
}

function listed<T>(one: T | undefined): readonly T[] {
  return one === undefined ? [] : [one];
}

function repairStep(existing: CachedPullSecret | undefined): AnnotateSecretStep | undefined {
  if (existing?.appliedByUs !== true) return undefined;
  const step = { kind: 'annotateSecret', existing, removalDueAt: undefined } as const;
  if (!existing.labelsWhole) return { ...step, reason: 'labelsStripped' };
  return existing.foreignDataKeys.length > 0 ? { ...step, reason: 'dataAdded' } : undefined;
}

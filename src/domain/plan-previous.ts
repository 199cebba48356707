/** What becomes of a Secret of a previous name: kept as long as anything depends on it, then removed like an opt-out. */
import { accessesOf } from './access.ts';
import { immutablePrevious } from './conditions.ts';
import { trustedRecords } from './grant-needs.ts';
import { NOTHING_TO_DO, mergePlans } from './merge-plans.ts';
import type { PullSecretRecord } from './observed.ts';
import type { OptIn } from './opt-in.ts';
import { isOurs } from './ownership.ts';
import type { Plan, PlanInput } from './plan-model.ts';
import { planKeeping, planLeaving, planStaying } from './plan-pull-secret.ts';
import { planRemoval } from './plan-removal.ts';
import { planServiceAccounts } from './plan-service-accounts.ts';
import { givesMore, isReplaced } from './replacement.ts';

/** Until it is replaced it is the namespace's Secret as ever, but for what is new: that is made under today's name. */
export function planPrevious(input: PlanInput, previous: PullSecretRecord, optIn: OptIn): Plan {
  // Not ours: nobody has asked anything of it, so there is nothing to tell either.
  if (previous.terminating || !isOurs(previous)) return NOTHING_TO_DO;
  const plan = planByOptIn(input, previous, optIn);
  // Nobody would wait for it to come back, as we ask of one that is made immutable under today's name.
  const steps = plan.steps.filter(({ kind }) => kind !== 'writeSecret' || !previous.immutableSet);
  const isStuck =
    optIn.kind === 'in' && previous.immutableSet && trustedRecords(previous).length === 0;
  return { ...plan, steps, conditions: isStuck ? [immutablePrevious(previous.name)] : [] };
}

function planByOptIn(input: PlanInput, previous: PullSecretRecord, optIn: OptIn): Plan {
  const { observed, settings } = input;
  const asBefore: PlanInput = {
    ...input,
    observed: { ...observed, pullSecret: previous },
    secretName: previous.name,
  };
  switch (optIn.kind) {
    case 'out':
      return planLeaving(asBefore, optIn.request, 'optedOut');
    case 'excluded':
      return planRemoval(asBefore, 'optedOut');
    case 'frozen':
      return planKeeping(asBefore);
    case 'in': {
      const { profiles, serviceAccounts, refreshRequestedAt } = optIn.request;
      const accesses = accessesOf(profiles, observed, settings);
      const secret = isReplaced(previous, input, { accesses, list: serviceAccounts })
        ? planLeaving(asBefore, optIn.request, 'replaced')
        : planStaying(asBefore, accesses, refreshRequestedAt);
      // As long as today's Secret can't stand in for it, who is new needs this one too.
      const mayAttach =
        accesses.some(({ kind }) => kind === 'granted') && givesMore(previous, input, accesses);
      return mergePlans(secret, planServiceAccounts(asBefore, serviceAccounts, mayAttach));
    }
  }
}

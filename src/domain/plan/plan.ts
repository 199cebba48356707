/**
 * What to do for one namespace now, and when to look again. Pure: the same input gives the same plan, and once a plan
 * is carried out the next one has no steps.
 */
import { accessesOf } from '../eligibility/access.ts';
import type { NamespaceRequest } from '../eligibility/annotations.ts';
import {
  conditionsOf,
  immutableSecret,
  invalidAnnotations,
  notOwnedSecret,
} from '../eligibility/conditions.ts';
import { NOTHING_TO_DO, mergePlans } from './merge-plans.ts';
import { decideOptIn } from '../eligibility/opt-in.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';
import { isOurs } from '../state/ownership.ts';
import { planKeeping, planLeaving, planStaying } from './plan-pull-secret.ts';
import { planRemoval } from './plan-removal.ts';
import { planServiceAccounts } from './plan-service-accounts.ts';

export function planNamespace(input: PlanInput): Plan {
  const { observed, settings } = input;
  if (observed.terminating || observed.pullSecret?.terminating === true) return NOTHING_TO_DO;
  const optIn = decideOptIn(observed, settings);
  switch (optIn.kind) {
    case 'in':
      return planOptedIn(input, optIn.request);
    case 'out':
      return planLeaving(input, optIn.request);
    case 'excluded':
      return planRemoval(input);
    case 'frozen':
      return { ...planKeeping(input), conditions: invalidAnnotations(optIn.faults) };
  }
}

function planOptedIn(input: PlanInput, request: NamespaceRequest): Plan {
  const { observed, settings, secretName } = input;
  const { pullSecret } = observed;
  if (pullSecret !== undefined && !isOurs(pullSecret)) {
    return { ...NOTHING_TO_DO, conditions: [notOwnedSecret(pullSecret)] };
  }
  const accesses = accessesOf(request.profiles, observed, settings);
  const conditions = [
    ...conditionsOf(accesses, observed, settings),
    ...(pullSecret?.immutableSet === true ? [immutableSecret(secretName)] : []),
  ];
  const secret = { ...planStaying(input, accesses, request.refreshRequestedAt), conditions };
  if (secret.steps.some(({ kind }) => kind === 'detach' || kind === 'deleteSecret')) return secret;
  const mayAttach = accesses.some(({ kind }) => kind === 'granted');
  return mergePlans(secret, planServiceAccounts(input, request.serviceAccounts, mayAttach));
}

/** Whether these steps take something away that only a removal may take. */
export function removes(steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      step.kind === 'deleteSecret' ||
      (step.kind === 'writeSecret' && step.withdrawn.length > 0) ||
      (step.kind === 'detach' && step.reason !== 'notListed'),
  );
}

/** Decides which ServiceAccounts get our reference and which lose it. */
import {
  type Condition,
  invalidAttach,
  MAX_REPORTED,
  serviceAccountTooLarge,
} from '../eligibility/conditions.ts';
import { type ServiceAccountList, isListed } from '../state/annotations.ts';
import type { CachedServiceAccount } from '../state/observed.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';

/** Attaching needs an eligible profile. Detaching needs our Secret: nothing else shows that the reference is ours. */
export function planServiceAccounts(
  { observed, settings }: PlanInput,
  list: ServiceAccountList,
  mayAttach: boolean,
): Pick<Plan, 'steps' | 'conditions'> {
  if (settings.attach === 'none') return { steps: [], conditions: [] };
  const hasSecret = observed.pullSecret !== undefined;
  const steps: Step[] = [];
  const conditions: Condition[] = [];

  for (const account of observed.serviceAccounts) {
    const { attach } = account;
    if (account.tooLarge === true || attach.kind === 'invalid') {
      conditions.push(...conditionsOf(account));
      continue;
    }
    const isDesired = attach.value ?? isListed(list, account.name);
    const step = isDesired ? attaching(account, mayAttach) : detaching(account, hasSecret);
    if (step !== undefined) steps.push(step);
  }
  const byReason = Map.groupBy(conditions, ({ reason }) => reason);
  const reported = [...byReason.values()].flatMap((each) => each.slice(0, MAX_REPORTED));
  return { steps, conditions: reported };
}

/** Why this ServiceAccount is left unchanged. */
function conditionsOf(account: CachedServiceAccount): readonly Condition[] {
  if (account.tooLarge === true) return [serviceAccountTooLarge(account)];
  if (account.attach.kind === 'valid') return [];
  return account.attach.faults.map((fault) => invalidAttach(fault, account));
}

function attaching(account: CachedServiceAccount, mayAttach: boolean): Step | undefined {
  const { references } = account;
  if (!mayAttach || references === 1) return undefined;
  return { kind: 'attach', reason: references === 0 ? 'notAttached' : 'duplicated', account };
}

function detaching(account: CachedServiceAccount, hasSecret: boolean): Step | undefined {
  if (!hasSecret || account.references === 0) return undefined;
  return { kind: 'detach', reason: 'notListed', account };
}

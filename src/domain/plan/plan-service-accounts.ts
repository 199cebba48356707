/** Decides which ServiceAccounts get our reference and which lose it. */
import { type ServiceAccountList, isListed, parseAttach } from '../eligibility/annotations.ts';
import type { Condition } from '../eligibility/conditions.ts';
import type { CachedServiceAccount } from '../state/observed.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';

/** Attaching needs an eligible profile. Detaching needs our Secret: nothing else shows that the reference is ours. */
export function planServiceAccounts(
  { observed, settings, secretName }: PlanInput,
  list: ServiceAccountList,
  mayAttach: boolean,
): Pick<Plan, 'steps' | 'conditions'> {
  if (settings.attach === 'none') return { steps: [], conditions: [] };
  const hasSecret = observed.pullSecret !== undefined;
  const steps: Step[] = [];
  const conditions: Condition[] = [];

  for (const account of observed.serviceAccounts) {
    const attach = parseAttach(account.attach);
    if (attach.kind === 'invalid') {
      conditions.push(...attach.faults.map((message) => invalidAttach(message, account)));
      continue;
    }
    const isDesired = attach.value ?? isListed(list, account.name);
    const references = referencesTo(secretName, account);
    if (isDesired && mayAttach && references !== 1) {
      steps.push({
        kind: 'attach',
        reason: references === 0 ? 'notAttached' : 'duplicated',
        account,
      });
    } else if (!isDesired && hasSecret && references > 0) {
      steps.push({ kind: 'detach', reason: 'notListed', account });
    }
  }
  return { steps, conditions };
}

/** How many references to the Secret the ServiceAccount has. */
export function referencesTo(secretName: string, account: CachedServiceAccount): number {
  return account.imagePullSecrets.filter(({ name }) => name === secretName).length;
}

function invalidAttach(fault: string, serviceAccount: CachedServiceAccount): Condition {
  return {
    reason: 'InvalidAnnotation',
    message: `${fault}. This ServiceAccount is left unchanged until the annotation is fixed`,
    about: { serviceAccount },
  };
}

/** Which ServiceAccounts get our entry and which lose it. */
import { type ServiceAccountList, isListed, parseAttach } from '../eligibility/annotations.ts';
import type { Condition } from '../eligibility/conditions.ts';
import type { CachedServiceAccount } from '../state/observed.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';

/** Attaching needs a profile that works; taking an entry away needs our Secret, for nothing else shows whose it was. */
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
    const isWanted = attach.value ?? isListed(list, account.name);
    const references = referencesTo(secretName, account);
    if (isWanted && mayAttach && references !== 1) {
      steps.push({
        kind: 'attach',
        reason: references === 0 ? 'notAttached' : 'duplicated',
        account,
      });
    } else if (!isWanted && hasSecret && references > 0) {
      steps.push({ kind: 'detach', reason: 'notListed', account });
    }
  }
  return { steps, conditions };
}

/** How often the ServiceAccount names the Secret. */
export function referencesTo(secretName: string, account: CachedServiceAccount): number {
  return account.imagePullSecrets.filter(({ name }) => name === secretName).length;
}

function invalidAttach(fault: string, serviceAccount: CachedServiceAccount): Condition {
  return {
    reason: 'InvalidAnnotation',
    message: `${fault}. This ServiceAccount stays as it is until it is fixed`,
    about: { serviceAccount },
  };
}

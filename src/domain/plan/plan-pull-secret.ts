/** What becomes of our Secret: it stays and is kept right, it leaves, or it is only kept fresh. */
import { type ListedAccess, accessesOf, grantedProfiles, nameOf } from '../eligibility/access.ts';
import type { NamespaceRequest } from '../eligibility/annotations.ts';
import type { PullSecretRecord } from '../state/observed.ts';
import { isOurs } from '../state/ownership.ts';
import { NOTHING_TO_DO, mergePlans } from './merge-plans.ts';
import type { Plan, PlanInput } from './plan-model.ts';
import { planRemoval, removalSteps } from './plan-removal.ts';
import { type Wish, planSecretWrite } from './plan-secret.ts';
import { planWithdrawal } from './plan-withdrawal.ts';
import { namedByTokens, withdrawnProfiles } from './withdrawal.ts';

/** The Secret of a namespace that is opted in. `accesses`: to the profiles on the namespace's list. */
export function planStaying(
  input: PlanInput,
  accesses: readonly ListedAccess[],
  refreshRequestedAt: string | undefined,
): Plan {
  const { observed, settings } = input;
  const { pullSecret } = observed;
  const withdrawn = withdrawnProfiles(pullSecret, accesses, observed, settings);
  const withdrawal = planWithdrawal(input, withdrawn);
  const wish = wishOf(accesses, refreshRequestedAt, withdrawal.due);
  if (pullSecret !== undefined && wish.withdrawn.length > 0 && !remains(pullSecret, wish)) {
    const steps = removalSteps(input, pullSecret, 'profileWithdrawn');
    return { ...NOTHING_TO_DO, steps };
  }
  const secret =
    withdrawal.stamp === undefined
      ? planSecretWrite(input, wish)
      : { ...NOTHING_TO_DO, steps: [withdrawal.stamp] };
  return mergePlans({ ...NOTHING_TO_DO, recheckAt: withdrawal.recheckAt }, secret);
}

/** The Secret, if there is one of ours, goes after its grace period; until then it is kept fresh. */
export function planLeaving(input: PlanInput, request: NamespaceRequest): Plan {
  const { pullSecret } = input.observed;
  if (pullSecret === undefined || !isOurs(pullSecret)) return NOTHING_TO_DO;
  // As before: who takes all annotations off at once must not be given the default profile for the time of grace.
  const named = namedByTokens(pullSecret);
  const inOrder = [...request.profiles.filter((name) => named.includes(name)), ...named];
  const profiles = named.length > 0 ? [...new Set(inOrder)] : request.profiles;
  const refresh = planSecretWrite(input, asItIs(profiles, input, request.refreshRequestedAt));
  // Only what bears our Apply entry may be deleted: a restored Secret gets it by its next refresh.
  if (!pullSecret.appliedByUs) return refresh;
  const removal = planRemoval(input);
  return removal.steps.length > 0 ? removal : mergePlans(removal, refresh);
}

/** Kept fresh with what it has; nothing is added and nothing removed. */
export function planKeeping(input: PlanInput): Plan {
  const { pullSecret } = input.observed;
  if (pullSecret === undefined || !isOurs(pullSecret)) return NOTHING_TO_DO;
  return planSecretWrite(input, asItIs(namedByTokens(pullSecret), input, undefined));
}

/** Refreshed where that is allowed; the rest stays as it is. */
function asItIs(
  names: readonly string[],
  { observed, settings }: PlanInput,
  refreshRequestedAt: string | undefined,
): Wish {
  return wishOf(accessesOf(names, observed, settings), refreshRequestedAt, []);
}

function wishOf(
  accesses: readonly ListedAccess[],
  refreshRequestedAt: string | undefined,
  withdrawn: readonly string[],
): Wish {
  const unusable = accesses.filter(({ kind }) => kind !== 'granted').map(nameOf);
  const kept = new Set(unusable.filter((name) => !withdrawn.includes(name)));
  return { profiles: grantedProfiles(accesses), kept, withdrawn, refreshRequestedAt };
}

/** Whether anything would be left in the Secret without what is withdrawn, also if AWS gives no token. */
function remains(pullSecret: PullSecretRecord, { profiles, kept }: Wish): boolean {
  // What is in a Secret that somebody else has touched is not known: only a write can tell.
  const isKnown = pullSecret.dataOurs && pullSecret.tokensOurs;
  if (!isKnown) return profiles.length > 0;
  const names = new Set([...profiles.map(({ name }) => name), ...kept]);
  return namedByTokens(pullSecret).some((name) => names.has(name));
}

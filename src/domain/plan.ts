/**
 * What to do for one namespace now, and when to look again. Pure: the same input gives the same plan, and once a plan
 * is carried out the next one has no steps.
 */
import { type ListedAccess, accessesOf, grantedProfiles, nameOf } from './access.ts';
import type { NamespaceRequest } from './annotations.ts';
import { conditionsOf, immutableSecret, invalidAnnotations, notOwnedSecret } from './conditions.ts';
import { decideOptIn } from './opt-in.ts';
import type { PullSecretRecord } from './observed.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';
import { isOurs } from './ownership.ts';
import { planRemoval, removalSteps } from './plan-removal.ts';
import { type Wish, planSecretWrite } from './plan-secret.ts';
import { planServiceAccounts } from './plan-service-accounts.ts';
import { planWithdrawal } from './plan-withdrawal.ts';
import { earliest } from './times.ts';
import { namedByTokens, withdrawnProfiles } from './withdrawal.ts';

const NOTHING: Plan = { steps: [], conditions: [], recheckAt: undefined };

export function planNamespace(input: PlanInput): Plan {
  const { observed, settings } = input;
  if (observed.terminating || observed.pullSecret?.terminating === true) return NOTHING;

  const optIn = decideOptIn(observed, settings);
  switch (optIn.kind) {
    case 'in':
      return planOptedIn(input, optIn.request);
    case 'out':
      return planOptedOut(input, optIn.request);
    case 'excluded':
      return planRemoval(input);
    case 'frozen':
      return planFrozen(input, optIn.faults);
  }
}

function planOptedIn(input: PlanInput, request: NamespaceRequest): Plan {
  const { observed, settings, secretName } = input;
  const { pullSecret } = observed;
  if (pullSecret !== undefined && !isOurs(pullSecret)) {
    return { ...NOTHING, conditions: [notOwnedSecret(secretName)] };
  }
  const accesses = accessesOf(request.profiles, observed, settings);
  const conditions = [
    ...conditionsOf(accesses, observed, settings),
    ...(pullSecret?.immutableSet === true ? [immutableSecret(secretName)] : []),
  ];
  const withdrawn = withdrawnProfiles(pullSecret, accesses, observed, settings);
  const withdrawal = planWithdrawal(input, withdrawn);
  const wish = wishOf(accesses, request.refreshRequestedAt, withdrawal.due);
  if (pullSecret !== undefined && wish.withdrawn.length > 0 && !remains(pullSecret, wish)) {
    const steps = removalSteps(observed, pullSecret, 'profileWithdrawn', input);
    return { ...NOTHING, conditions, steps };
  }
  const secret =
    withdrawal.stamp === undefined
      ? planSecretWrite(input, wish)
      : { ...NOTHING, steps: [withdrawal.stamp] };
  const accounts = planServiceAccounts(input, request.serviceAccounts, wish.profiles.length > 0);
  return merge({ ...NOTHING, conditions, recheckAt: withdrawal.recheckAt }, secret, accounts);
}

/** The Secret, if there is one of ours, goes after its grace period; until then it is kept fresh. */
function planOptedOut(input: PlanInput, request: NamespaceRequest): Plan {
  const { pullSecret } = input.observed;
  if (pullSecret === undefined || !isOurs(pullSecret)) return NOTHING;
  // As before: who takes all annotations off at once must not be given the default profile for the time of grace.
  const named = namedByTokens(pullSecret);
  const inOrder = [...request.profiles.filter((name) => named.includes(name)), ...named];
  const profiles = named.length > 0 ? [...new Set(inOrder)] : request.profiles;
  const refresh = planSecretWrite(input, asItIs(profiles, input, request.refreshRequestedAt));
  // Only what bears our Apply entry may be deleted: a restored Secret gets it by its next refresh.
  if (!pullSecret.appliedByUs) return refresh;
  const removal = planRemoval(input);
  return removal.steps.length > 0 ? removal : merge(removal, refresh);
}

/** Kept fresh with what it has; nothing is added and nothing removed. */
function planFrozen(input: PlanInput, faults: readonly string[]): Plan {
  const { pullSecret } = input.observed;
  const conditions = invalidAnnotations(faults);
  if (pullSecret === undefined || !isOurs(pullSecret)) return { ...NOTHING, conditions };
  const wish = asItIs(namedByTokens(pullSecret), input, undefined);
  return merge({ ...NOTHING, conditions }, planSecretWrite(input, wish));
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

/** Whether these steps take something away that only a removal may take. */
export function removes(steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      step.kind === 'deleteSecret' ||
      (step.kind === 'writeSecret' && step.withdrawn.length > 0) ||
      (step.kind === 'detach' && step.reason !== 'notListed'),
  );
}

function merge(...plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap(({ steps }) => steps),
    conditions: plans.flatMap(({ conditions }) => conditions),
    recheckAt: earliest(plans.map(({ recheckAt }) => recheckAt)),
  };
}

/**
 * What to do for one namespace now, and when to look again. Pure: the same input gives the same plan, and once a plan
 * is carried out the next one has no steps.
 */
import { type Access, accessTo } from './access.ts';
import type { NamespaceRequest } from './annotations.ts';
import { conditionOf, immutableSecret, invalidAnnotations, notOwnedSecret } from './conditions.ts';
import { decideOptIn } from './opt-in.ts';
import type { PullSecretRecord } from './observed.ts';
import type { Plan, PlanInput, Step } from './plan-model.ts';
import { isOurs } from './ownership.ts';
import { planRemoval } from './plan-removal.ts';
import { planSecretWrite } from './plan-secret.ts';
import { planServiceAccounts } from './plan-service-accounts.ts';
import type { Profile } from './settings.ts';
import { earliest } from './times.ts';

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
      return planRemoval(input, { kind: 'whole' });
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
  const accesses = request.profiles.map((name) => accessTo(name, observed, settings));
  const granted = grantedProfiles(accesses);
  const conditions = [
    ...accesses.flatMap((access) => conditionOf(access, observed, settings)),
    ...(pullSecret?.immutableSet === true ? [immutableSecret(secretName)] : []),
  ];

  const withdrawn = granted.length === 0 ? withdrawnProfiles(input) : [];
  if (withdrawn.length > 0) {
    return merge(
      { ...NOTHING, conditions },
      planRemoval(input, { kind: 'profiles', names: withdrawn }),
    );
  }
  const secret = clearRemoval(input) ?? planSecretWrite(input, granted, request);
  const accounts = planServiceAccounts(input, request.serviceAccounts, granted.length > 0);
  return merge({ ...NOTHING, conditions }, secret, accounts);
}

/** The Secret, if there is one of ours, goes after its grace period; until then it is kept fresh. */
function planOptedOut(input: PlanInput, request: NamespaceRequest): Plan {
  const { pullSecret } = input.observed;
  if (pullSecret === undefined || !isOurs(pullSecret)) return NOTHING;
  // As before: who takes all annotations off at once must not be given the default profile for the time of grace.
  const named = namedByTokens(pullSecret);
  const profiles = named.length > 0 ? named : request.profiles;
  const refresh = planSecretWrite(input, usable(profiles, input), request);
  // Only what bears our Apply entry may be deleted: a restored Secret gets it by its next refresh.
  if (!pullSecret.appliedByUs) return refresh;
  const removal = planRemoval(input, { kind: 'whole' });
  return removal.steps.length > 0 ? removal : merge(removal, refresh);
}

/** Kept fresh with what it has; nothing is added and nothing removed. */
function planFrozen(input: PlanInput, faults: readonly string[]): Plan {
  const { pullSecret } = input.observed;
  const conditions = invalidAnnotations(faults);
  if (pullSecret === undefined || !isOurs(pullSecret)) return { ...NOTHING, conditions };
  const profiles = usable(namedByTokens(pullSecret), input);
  return merge({ ...NOTHING, conditions }, planSecretWrite(input, profiles, undefined));
}

/** The profiles in the Secret that this namespace may no longer use. */
function withdrawnProfiles(input: PlanInput): readonly string[] {
  const { observed, settings } = input;
  if (observed.pullSecret?.appliedByUs !== true) return [];
  return namedByTokens(observed.pullSecret).filter(
    (name) => accessTo(name, observed, settings).kind === 'denied',
  );
}

function clearRemoval({ observed, bookkeepingAllowed }: PlanInput): Plan | undefined {
  const { pullSecret } = observed;
  if (pullSecret?.removalDueAt === undefined) return undefined;
  if (!pullSecret.appliedByUs || !bookkeepingAllowed) return undefined;
  const step: Step = {
    kind: 'annotateSecret',
    reason: 'removalCleared',
    existing: pullSecret,
    removalDueAt: null,
  };
  return { ...NOTHING, steps: [step] };
}

function usable(names: readonly string[], input: PlanInput): readonly Profile[] {
  return grantedProfiles(names.map((name) => accessTo(name, input.observed, input.settings)));
}

function namedByTokens(pullSecret: PullSecretRecord): readonly string[] {
  return [...new Set((pullSecret.tokens ?? []).map(({ profile }) => profile))];
}

function grantedProfiles(accesses: readonly Access[]): readonly Profile[] {
  return accesses.flatMap((access) => (access.kind === 'granted' ? [access.profile] : []));
}

/** Whether these steps take something away that only a removal may take. */
export function removes(steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      step.kind === 'deleteSecret' || (step.kind === 'detach' && step.reason !== 'notListed'),
  );
}

function merge(...plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap(({ steps }) => steps),
    conditions: plans.flatMap(({ conditions }) => conditions),
    recheckAt: earliest(plans.map(({ recheckAt }) => recheckAt)),
  };
}

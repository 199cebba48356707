/**
 * Plans what to do for one namespace now, and when to reconcile it again. Three stages, each of which uses only the ones
 * before it: read the request, decide the fate of the Secret, derive the steps.
 */
import {
  type Condition,
  conditionsOf,
  immutableSecret,
  invalidAnnotations,
  namespaceTooLarge,
  nobodysSecret,
  notOwnedSecret,
  secretTooLarge,
} from '../eligibility/conditions.ts';
import { isNobodys, isOurs } from '../eligibility/ownership.ts';
import type { CachedPullSecret } from '../state/observed.ts';
import { decideFate } from './fate.ts';
import type { Plan, PlanInput } from './plan-model.ts';
import { planServiceAccounts } from './plan-service-accounts.ts';
import { planRemoval, type Removal } from './removal.ts';
import { type Request, readRequest } from './request.ts';
import { removes, secretSteps } from './secret-steps.ts';

/**
 * The plan for one namespace at one moment. Pure and total: it reads only `input`, changes nothing, never throws, and
 * gives the same plan for the same input. Anybody may call it, at any time; a step that waited is planned again
 * before it is sent.
 *
 * Out come the steps, what people should know, and when to plan again. The steps are independent of each other. They are
 * derived from what the cluster holds, never from the plan before: after a crash, or when only some of them were carried
 * out, the next plan contains the rest. When all are carried out, the next plan has no steps, except where one change
 * must be seen before the next may follow (stamp, then detach, then delete; repair without a token, then write).
 *
 * The caller must use `whileBraked`, if it is set, while the removal brake is engaged. A namespace that is being deleted,
 * or whose Secret is, gets an empty plan. A Secret that is not ours gets no step.
 */
export function planNamespace(input: PlanInput): Plan {
  const { observed, settings } = input;
  if (observed.terminating || observed.pullSecret?.terminating === true) {
    return { ...NOTHING_TO_DO, removalSeen: input.removalSeen };
  }
  const request = readRequest(observed, observed.pullSecret, settings);
  if (observed.pullSecret?.tooLarge === true) {
    return { ...frozenBy(observed.pullSecret, request), removalSeen: input.removalSeen };
  }
  const removal = planRemoval(input, request);
  const plan = planRequest(input, request, removal, true);
  if (!removes(plan.steps)) return plan;
  return { ...plan, whileBraked: planRequest(input, request, removal, false) };
}

const NOTHING_TO_DO: Omit<Plan, 'removalSeen'> = {
  steps: [],
  conditions: [],
  notices: [],
  withheld: [],
  requeueAt: undefined,
};

/** It may be ours or not, whole or not: whatever we did could be wrong. */
function frozenBy(pullSecret: CachedPullSecret, request: Request): Omit<Plan, 'removalSeen'> {
  const { kind } = request;
  const concernsUs = kind === 'in' || kind === 'frozen' || isOurs(pullSecret, request);
  return { ...NOTHING_TO_DO, conditions: concernsUs ? [secretTooLarge(pullSecret)] : [] };
}

function planRequest(
  input: PlanInput,
  request: Request,
  removal: Removal,
  removalAllowed: boolean,
): Plan {
  const { pullSecret } = input.observed;
  const fate = decideFate(input, request, removal, removalAllowed);
  const secret = {
    ...secretSteps(input, fate),
    conditions: conditionsFor(input, request),
    notices: noticesFor(input, request),
    removalSeen: removal.seen,
  };
  const isForeign = pullSecret !== undefined && !isOurs(pullSecret, request);
  if (request.kind !== 'in' || isForeign || fate.kind === 'removed') return secret;
  const mayAttach = request.listedProfiles.some(({ kind }) => kind === 'eligible');
  const accounts = planServiceAccounts(input, request.serviceAccounts, mayAttach);
  return {
    ...secret,
    steps: [...secret.steps, ...accounts.steps],
    conditions: [...secret.conditions, ...accounts.conditions],
  };
}

function conditionsFor(
  { observed, settings, secretName }: PlanInput,
  request: Request,
): readonly Condition[] {
  const { pullSecret } = observed;
  if (observed.tooLarge === true && request.kind === 'frozen') return [namespaceTooLarge()];
  if (request.kind === 'frozen') return invalidAnnotations(request.faults);
  if (request.kind !== 'in') return [];
  if (pullSecret !== undefined && !isOurs(pullSecret, request)) return [notOwnedSecret(pullSecret)];
  return [
    ...conditionsOf(request.listedProfiles, observed, settings),
    ...(pullSecret?.immutableSet === true ? [immutableSecret(secretName)] : []),
  ];
}

function noticesFor({ observed }: PlanInput, request: Request): readonly Condition[] {
  const { pullSecret, serviceAccounts } = observed;
  if (pullSecret === undefined || !isNobodys(pullSecret, request)) return [];
  const account = serviceAccounts.find(({ references }) => references > 0);
  return account === undefined ? [] : [nobodysSecret(pullSecret, account)];
}

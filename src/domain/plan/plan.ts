/**
 * What to do for one namespace now, and when to look again. Pure: the same input gives the same plan, and once a plan
 * is carried out the next one has no steps. Three stages that only go down: read the request, decide the fate of the
 * Secret, derive the steps.
 */
import {
  type Condition,
  conditionsOf,
  immutableSecret,
  invalidAnnotations,
  notOwnedSecret,
} from '../eligibility/conditions.ts';
import { isOurs } from '../state/ownership.ts';
import { decideFate } from './fate.ts';
import type { Plan, PlanInput } from './plan-model.ts';
import { planServiceAccounts } from './plan-service-accounts.ts';
import { type Request, readRequest } from './request.ts';
import { removes, secretSteps } from './secret-steps.ts';

export function planNamespace(input: PlanInput): Plan {
  const { observed, settings } = input;
  if (observed.terminating || observed.pullSecret?.terminating === true) return NOTHING_TO_DO;
  const request = readRequest(observed, observed.pullSecret, settings);
  const plan = planRequest(input, request, true);
  if (!removes(plan.steps)) return plan;
  return { ...plan, whileBraked: planRequest(input, request, false) };
}

const NOTHING_TO_DO: Plan = { steps: [], conditions: [], withheld: [], requeueAt: undefined };

function planRequest(input: PlanInput, request: Request, removalAllowed: boolean): Plan {
  const { pullSecret } = input.observed;
  const fate = decideFate(input, request, removalAllowed);
  const secret = { ...secretSteps(input, fate), conditions: conditionsFor(input, request) };
  const isForeign = pullSecret !== undefined && !isOurs(pullSecret);
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
  if (request.kind === 'frozen') return invalidAnnotations(request.faults);
  if (request.kind !== 'in') return [];
  if (pullSecret !== undefined && !isOurs(pullSecret)) return [notOwnedSecret(pullSecret)];
  return [
    ...conditionsOf(request.listedProfiles, observed, settings),
    ...(pullSecret?.immutableSet === true ? [immutableSecret(secretName)] : []),
  ];
}

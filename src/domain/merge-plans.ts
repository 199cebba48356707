/** Puts plans together that concern different things of one namespace. */
import type { Plan, Step } from './plan-model.ts';
import { earliest } from './times.ts';

export const NOTHING_TO_DO: Plan = { steps: [], conditions: [], recheckAt: undefined };

/** Of two entries of one ServiceAccount that are to change, the first plan's goes first and the other with the next pass. */
export function mergePlans(...plans: readonly Plan[]): Plan {
  return {
    steps: plans.reduce<readonly Step[]>((steps, plan) => withoutCrowding(steps, plan.steps), []),
    conditions: plans.flatMap(({ conditions }) => conditions),
    recheckAt: earliest(plans.map(({ recheckAt }) => recheckAt)),
  };
}

function withoutCrowding(steps: readonly Step[], others: readonly Step[]): readonly Step[] {
  const busy = new Set(steps.flatMap((step) => ('account' in step ? step.account.uid : [])));
  const free = others.filter((step) => !('account' in step) || !busy.has(step.account.uid));
  return [...steps, ...free];
}

/** Puts plans together that concern different things of one namespace. */
import type { Plan } from './plan-model.ts';
import { earliest } from '../times.ts';

export const NOTHING_TO_DO: Plan = { steps: [], conditions: [], recheckAt: undefined };

/** No two of them may have a step for the same object. */
export function mergePlans(...plans: readonly Plan[]): Plan {
  return {
    steps: plans.flatMap(({ steps }) => steps),
    conditions: plans.flatMap(({ conditions }) => conditions),
    recheckAt: earliest(plans.map(({ recheckAt }) => recheckAt)),
  };
}

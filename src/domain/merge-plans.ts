/** Puts plans together that concern different things of one namespace. */
import type { AttachStep, Plan, Step } from './plan-model.ts';
import { earliest } from './times.ts';

export const NOTHING_TO_DO: Plan = { steps: [], conditions: [], recheckAt: undefined };

/** Entries of one ServiceAccount that are to be added are added together; of others that are to change, the first goes first. */
export function mergePlans(...plans: readonly Plan[]): Plan {
  return {
    steps: plans.reduce<readonly Step[]>((steps, plan) => joined(steps, plan.steps), []),
    conditions: plans.flatMap(({ conditions }) => conditions),
    recheckAt: earliest(plans.map(({ recheckAt }) => recheckAt)),
  };
}

function joined(steps: readonly Step[], others: readonly Step[]): readonly Step[] {
  const attaches = new Map(
    others.flatMap((step) => (step.kind === 'attach' ? [[step.account.uid, step] as const] : [])),
  );
  const busy = new Set(steps.flatMap((step) => ('account' in step ? step.account.uid : [])));
  const free = others.filter((step) => !('account' in step) || !busy.has(step.account.uid));
  return [...steps.map((step) => withEntriesOf(step, attaches)), ...free];
}

function withEntriesOf(step: Step, attaches: ReadonlyMap<string, AttachStep>): Step {
  const more = step.kind === 'attach' ? attaches.get(step.account.uid) : undefined;
  if (step.kind !== 'attach' || more === undefined) return step;
  return {
    ...step,
    reason: [step, more].some(({ reason }) => reason === 'notAttached')
      ? 'notAttached'
      : 'duplicated',
    secretNames: [...step.secretNames, ...more.secretNames],
  };
}

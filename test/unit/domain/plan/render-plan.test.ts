import { describe, expect, it } from '@jest/globals';
import type { Plan } from '../../../../src/domain/plan/plan-model.ts';
import { renderPlan } from '../../../../src/domain/plan/render-plan.ts';
import { NOW, aServiceAccount } from '../../../support/values/builders.ts';

const attaching = (count: number, requeueAt?: Date): Plan => ({
  steps: Array.from({ length: count }, (_, n) => {
    return { kind: 'attach', reason: 'notAttached', account: aServiceAccount(`a${n}`) } as const;
  }),
  conditions: [],
  notices: [],
  removalSeen: undefined,
  withheld: [],
  requeueAt,
});

describe('a plan in words', () => {
  it('says what is done and why, and when the next pass is', () => {
    expect(renderPlan(attaching(1, NOW))).toBe(
      `attach a0 (notAttached); requeue at ${NOW.toISOString()}`,
    );
    expect(renderPlan(attaching(0))).toBe('nothing to do');
  });

  it('shows ten of thousands of steps, and how many more there are', () => {
    const parts = renderPlan(attaching(5_000)).split('; ');

    expect(parts).toHaveLength(11);
    expect(parts.at(-1)).toBe('4990 more');
  });
});

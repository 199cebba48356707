import { describe, expect, it } from '@jest/globals';
import { OverdueSteps } from '../../../../src/controller/memory/overdue-steps.ts';
import type { Step } from '../../../../src/domain/plan/plan-model.ts';
import { aServiceAccount, MINUTE_MS } from '../../../support/values/builders.ts';

const account = aServiceAccount();
const attach: Step = { kind: 'attach', reason: 'notAttached', account };
const newer: Step = { ...attach, account: { ...account, resourceVersion: '99' } };

describe('steps that are due', () => {
  it('are overdue after two minutes, with their last failure, whatever the version', () => {
    const steps = new OverdueSteps();
    steps.due('team', [attach], 0);
    steps.failed('team', attach, new Error('first'));
    steps.due('team', [newer], 2 * MINUTE_MS - 1);
    expect(steps.overdue('team', 2 * MINUTE_MS - 1)).toEqual([]);

    steps.failed('team', newer, new Error('last'));

    expect(steps.overdue('team', 2 * MINUTE_MS)).toMatchObject([
      { step: newer, error: new Error('last') },
    ]);
  });

  it('start again after they were done, or not wanted for a moment', () => {
    const steps = new OverdueSteps();
    steps.due('team', [attach], 0);
    steps.done('team', attach);
    steps.due('team', [attach], 3 * MINUTE_MS);
    expect(steps.overdue('team', 3 * MINUTE_MS)).toEqual([]);

    steps.due('team', [], 4 * MINUTE_MS);
    steps.due('team', [attach], 5 * MINUTE_MS);
    expect(steps.overdue('team', 6 * MINUTE_MS)).toEqual([]);
    expect(steps.overdue('team', 7 * MINUTE_MS)).toHaveLength(1);
  });

  it('are forgotten with their namespace', () => {
    const steps = new OverdueSteps();
    steps.due('team', [attach], 0);
    steps.forget('team');
    expect(steps.overdue('team', 9 * MINUTE_MS)).toEqual([]);
  });
});

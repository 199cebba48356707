/** Renders a plan as text, for log lines and failing tests. */
import type { EntryPlan } from './entry-plan.ts';
import type { Plan, Step } from './plan-model.ts';

/** A namespace may have thousands of ServiceAccounts: only this many steps, and entries, are shown. */
const MOST_SHOWN = 10;

/** Such as `attach default (notAttached); writeSecret (due): renew default (due), keep team-b (denied)`. */
export function renderPlan({ steps, requeueAt }: Plan): string {
  const parts = shown(steps, renderStep);
  if (requeueAt !== undefined) parts.push(`requeue at ${requeueAt.toISOString()}`);
  return parts.length === 0 ? 'nothing to do' : parts.join('; ');
}

function renderStep(step: Step): string {
  const account = 'account' in step ? ` ${step.account.name}` : '';
  const entries =
    step.kind === 'writeSecret' ? `: ${shown(step.entries, renderEntry).join(', ')}` : '';
  return `${step.kind}${account} (${step.reason})${entries}`;
}

function renderEntry({ verdict, profile, reason }: EntryPlan): string {
  return `${verdict} ${profile} (${reason})`;
}

function shown<T>(all: readonly T[], render: (one: T) => string): string[] {
  const first = all.slice(0, MOST_SHOWN).map((one) => render(one));
  return all.length <= MOST_SHOWN ? first : [...first, `${all.length - MOST_SHOWN} more`];
}

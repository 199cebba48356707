/** How long each step of a namespace has been due: what stays undone for two minutes must not stay silent. */
import type { Step } from '../../domain/plan/plan-model.ts';

const OVERDUE_AFTER_MS = 2 * 60_000;

interface DueStep {
  readonly step: Step;
  readonly sinceMs: number;
  /** Why it failed the last time; `undefined` if it was not tried yet. */
  readonly error?: unknown;
}

export type OverdueStep = Pick<DueStep, 'step' | 'error'>;

export class OverdueSteps {
  readonly #byNamespace = new Map<string, Map<string, DueStep>>();

  /** `steps`: all that are due now. What is no longer among them has been done, or is not wanted any more. */
  due(namespace: string, steps: readonly Step[], nowMs: number): void {
    const before = this.#byNamespace.get(namespace);
    if (steps.length === 0) {
      if (before !== undefined) this.#byNamespace.delete(namespace);
      return;
    }
    const now = steps.map((step): [string, DueStep] => {
      const known = before?.get(keyOf(step));
      return [keyOf(step), { sinceMs: nowMs, ...known, step }];
    });
    this.#byNamespace.set(namespace, new Map(now));
  }

  failed(namespace: string, step: Step, error: unknown): void {
    const steps = this.#byNamespace.get(namespace);
    const known = steps?.get(keyOf(step));
    if (known !== undefined) steps?.set(keyOf(step), { ...known, error });
  }

  done(namespace: string, step: Step): void {
    this.#byNamespace.get(namespace)?.delete(keyOf(step));
  }

  /** In the order of the plan. */
  overdue(namespace: string, nowMs: number): readonly OverdueStep[] {
    const steps = this.#byNamespace.get(namespace)?.values() ?? [];
    return [...steps].filter(({ sinceMs }) => nowMs - sinceMs >= OVERDUE_AFTER_MS);
  }

  forget(namespace: string): void {
    this.#byNamespace.delete(namespace);
  }
}

/** The same for the same intent, whatever the version of the object. */
function keyOf(step: Step): string {
  return 'account' in step ? `${step.kind} ${step.account.uid}` : step.kind;
}

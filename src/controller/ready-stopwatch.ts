/** Measures how long a namespace waits from the moment we first see that it wants a pull secret until all is in place. */
import type { ObservedNamespace } from '../domain/observed.ts';
import type { Plan } from '../domain/plan-model.ts';
import type { Measurements } from './ports.ts';

export class ReadyStopwatch {
  readonly #measurements: Measurements;
  readonly #startedAt = new Map<string, Date>();

  constructor(measurements: Measurements) {
    this.#measurements = measurements;
  }

  /** `plan` is the one that was just carried out, `observed` what the caches hold after it. */
  observe(observed: ObservedNamespace | undefined, plan: Plan, now: Date): void {
    if (observed === undefined) return;
    const isNew = plan.steps.some(
      (step) => step.kind === 'writeSecret' && step.reason === 'missing',
    );
    if (isNew && !this.#startedAt.has(observed.name)) this.#startedAt.set(observed.name, now);
    const startedAt = this.#startedAt.get(observed.name);
    if (startedAt === undefined || isNew || plan.steps.length > 0) return;
    this.#startedAt.delete(observed.name);
    if (observed.pullSecret === undefined) return;
    this.#measurements.namespaceReady(now.getTime() - startedAt.getTime());
  }

  forget(namespace: string): void {
    this.#startedAt.delete(namespace);
  }
}

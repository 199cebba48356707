/** Measures how long a namespace waits: from when we first see that it lacks its pull secret until everything is in place. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Step } from '../../domain/plan/plan-model.ts';
import type { Measurements } from '../ports/measurements.ts';

export class ReadyStopwatch {
  readonly #measurements: Pick<Measurements, 'namespaceReady'>;
  readonly #startedAt = new Map<string, Date>();

  constructor(measurements: Pick<Measurements, 'namespaceReady'>) {
    this.#measurements = measurements;
  }

  /** To be called when a pass begins that plans these steps. */
  begin(namespace: string, steps: readonly Step[], now: Date): void {
    const isNew = steps.some((step) => step.kind === 'writeSecret' && step.reason === 'missing');
    if (isNew && !this.#startedAt.has(namespace)) this.#startedAt.set(namespace, now);
  }

  /** To be called when a pass has ended with nothing left to do; `observed`: what the caches hold now. */
  end(observed: ObservedNamespace | undefined, now: Date): void {
    const startedAt = observed && this.#startedAt.get(observed.name);
    if (observed === undefined || startedAt === undefined) return;
    this.#startedAt.delete(observed.name);
    if (observed.pullSecret === undefined) return;
    this.#measurements.namespaceReady(Math.max(0, now.getTime() - startedAt.getTime()));
  }

  forget(namespace: string): void {
    this.#startedAt.delete(namespace);
  }
}

/** Measures how long a namespace waits from the moment we first see that it wants a pull secret until all is in place. */
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { Step } from '../../domain/plan/plan-model.ts';
import type { Measurements } from '../ports/measurements.ts';

export class ReadyStopwatch {
  readonly #measurements: Pick<Measurements, 'namespaceReady'>;
  readonly #startedAt = new Map<string, Date>();

  constructor(measurements: Pick<Measurements, 'namespaceReady'>) {
    this.#measurements = measurements;
  }

  /** A pass begins that is to carry out these steps. */
  begin(namespace: string, steps: readonly Step[], now: Date): void {
    const isNew = steps.some((step) => step.kind === 'writeSecret' && step.reason === 'missing');
    if (isNew && !this.#startedAt.has(namespace)) this.#startedAt.set(namespace, now);
  }

  /** The pass has ended with nothing left to do; `observed` is what the caches hold now. */
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

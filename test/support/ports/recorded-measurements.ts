/** Counts measurements by a readable name. */
import type { Measurements } from '../../../src/controller/ports/measurements.ts';

export class RecordedMeasurements implements Measurements {
  /** How long each namespace took to become ready, in the order in which they did. */
  readonly readyAfterMs: number[] = [];
  readonly #counts = new Map<string, number>();

  /** `what`: for example `Secret create success`, `Secret conflict`, `event dropped` or `token success`. */
  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  tokenRequested(_profile: string, result: string): void {
    this.#add(`token ${result}`);
  }

  written(kind: 'Secret' | 'ServiceAccount', verb: string, result: string): void {
    this.#add(`${kind} ${verb} ${result}`);
  }

  conflicted(kind: 'Secret' | 'ServiceAccount'): void {
    this.#add(`${kind} conflict`);
  }

  ownershipRefused(reason: string): void {
    this.#add(`refused ${reason}`);
  }

  reconciled(outcome: string): void {
    this.#add(`pass ${outcome}`);
  }

  eventDropped(): void {
    this.#add('event dropped');
  }

  namespaceReady(durationMs: number): void {
    this.readyAfterMs.push(durationMs);
  }

  #add(what: string): void {
    this.#counts.set(what, this.count(what) + 1);
  }
}

/**
 * Remembers which namespaces had our Secret, and since when others have been seen without it. A write that creates a Secret
 * names no UID: if the namespace has been re-created since, it would give the successor a token of its predecessor.
 */
import type { Step } from '../../domain/plan/plan-model.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';

/** A namespace that was seen this recently is not likely to be another one already. */
const RECENT_MS = 60_000;

export class SecretHistory {
  /** By namespace: since when it lacks its Secret; `had` if it has had it. */
  readonly #namespaces = new Map<string, number | 'had'>();

  /** To be called when a pass begins that plans these steps. */
  note({ name, pullSecret }: ObservedNamespace, steps: readonly Step[], nowMs: number): void {
    if (pullSecret !== undefined) this.#namespaces.set(name, 'had');
    const isCreation = steps.some(({ kind }) => kind === 'writeSecret');
    if (isCreation && !this.#namespaces.has(name)) this.#namespaces.set(name, nowMs);
  }

  /** Whether the namespace must be read from the server before a Secret is created in it. */
  isDoubtful(namespace: string, nowMs: number): boolean {
    const since = this.#namespaces.get(namespace);
    return since === 'had' || (since !== undefined && nowMs - since > RECENT_MS);
  }

  forget(namespace: string): void {
    this.#namespaces.delete(namespace);
  }
}

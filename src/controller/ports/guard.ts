/** How the controller finds out whether the API server restricts it as the guard says. */
import type { GuardedResource } from '../../domain/contract.ts';

/** Whether an installation has the guard. */
export type GuardChoice = 'expected' | 'off';

export interface Guard {
  /**
   * Tries one write that only the guard refuses for each of its policies, as a dry run: nothing is changed. Any namespace
   * will do, if we have our permissions there and it is not terminating. Rejects only with the abort reason of `signal`.
   */
  probe(namespace: string, signal: AbortSignal): Promise<GuardState>;
}

export type GuardState =
  /** Each of its policies has refused what it forbids. */
  | { readonly kind: 'inEffect' }
  /** The API server would have accepted what the policies for these resources forbid. */
  | { readonly kind: 'notInEffect'; readonly unguarded: readonly GuardedResource[] }
  /** Something else stood in the way, such as a webhook that refuses, or an API server that does not answer. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

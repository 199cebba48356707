/** Gets the tokens for a write, each by itself: one that can't be had does not keep the others back. */
import {
  type ControllerError,
  StalledError,
  TransientError,
  WaitingError,
} from '../domain/errors.ts';
import type { ObservedNamespace } from '../domain/observed.ts';
import type { GrantNeed, WriteSecretStep } from '../domain/plan-model.ts';
import { type Entry, entryOf } from '../domain/pull-secret.ts';
import { jitterOf } from '../domain/refresh-policy.ts';
import { isPatienceAsked, namingProfile } from './mint-errors.ts';
import type { ReconcileContext } from './reconcile-context.ts';

export interface Obtained {
  readonly entries: readonly Entry[];
  /** One for each grant without a token, with the name of its profile where its mint has failed. */
  readonly failures: readonly ControllerError[];
  /** For one of them at least a token is only a matter of patience: the write can wait for it. */
  readonly isPatienceAsked: boolean;
}

type Result = Entry | ControllerError;

/**
 * Asks for the urgent ones first: where none of them is to be had and nothing goes, there is nothing to write, and no
 * mint is made for the others. Throws what nobody classified.
 */
export async function obtainTokens(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<Obtained> {
  const obtain = async (needs: readonly GrantNeed[]): Promise<readonly Result[]> =>
    settled(
      await Promise.allSettled(needs.map((need) => obtainEntry(need, observed, context, signal))),
    );
  const urgent = await obtain(step.grants.filter(({ isUrgent }) => isUrgent));
  const isWorthMore = step.drops || urgent.some(isEntry);
  const others = isWorthMore ? await obtain(step.grants.filter(({ isUrgent }) => !isUrgent)) : [];
  const results = [...urgent, ...others];
  const failures = results.filter(isFailure);
  return {
    entries: results.filter(isEntry),
    failures,
    isPatienceAsked: failures.some(isPatienceAsked),
  };
}

/** Waits for all, so that each mint that is needed has been asked for before anything is thrown. */
function settled(results: readonly PromiseSettledResult<Result>[]): readonly Result[] {
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function obtainEntry(
  need: GrantNeed,
  observed: ObservedNamespace,
  context: ReconcileContext,
  signal: AbortSignal,
): Promise<Result> {
  const { profile, grant, notBefore, notOutlivedBy, outlives, holdsLiveToken } = need;
  try {
    const token = await context.tokens.obtain(
      {
        identity: grant.identity,
        profile,
        jitter: jitterOf(observed.uid),
        refresh: context.settings().refresh,
        notBefore,
        notOutlivedBy,
        outlives,
        holdsLiveToken,
      },
      signal,
    );
    return entryOf(profile, grant.hosts, token);
  } catch (error) {
    if (!isOfMint(error)) throw error;
    // Nothing has failed: there is nothing to tell the people of the namespace.
    return isPatienceAsked(error) ? error : namingProfile(profile, error);
  }
}

function isOfMint(error: unknown): error is StalledError | WaitingError | TransientError {
  return (
    error instanceof StalledError ||
    error instanceof WaitingError ||
    error instanceof TransientError
  );
}

function isFailure(result: Result): result is ControllerError {
  return result instanceof Error;
}

function isEntry(result: Result): result is Entry {
  return !isFailure(result);
}

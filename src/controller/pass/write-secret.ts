/** Writes the Secret with what can be had: new tokens, else what it holds. Nothing is written from a mint that failed. */
import { recordsToCarry } from '../../domain/plan/carried-records.ts';
import { type ControllerError, TransientError } from '../../domain/errors.ts';
import type { ObservedNamespace } from '../../domain/state/observed.ts';
import type { WriteSecretStep } from '../../domain/plan/plan-model.ts';
import { type Entry, renderPullSecret } from '../../domain/state/pull-secret.ts';
import { isWorthWriting, satisfiedRequest } from '../../domain/plan/worth-writing.ts';
import { configHashOf } from '../../domain/plan/write-reason.ts';
import { announceWrite } from './announce-write.ts';
import { type Authorizations, carryEntries, nothingToCarry } from './carry-entries.ts';
import { planNow } from './plan-now.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { takeTokens } from './take-tokens.ts';

export interface WriteResult {
  readonly isWritten: boolean;
  /** Why there are not all the tokens that there should be. */
  readonly failures: readonly ControllerError[];
}

/** What there would be to write at this moment. */
interface Draft {
  readonly fresh: readonly Entry[];
  readonly carried: readonly Entry[];
  readonly failures: readonly ControllerError[];
  readonly isWorthIt: boolean;
  /** False where an entry that stays is in the Secret alone. */
  readonly isWhole: boolean;
}

/**
 * Throws a `TransientError` when, after something had to be waited for, the write is no longer what it was planned to
 * be, and what the ports throw.
 */
export async function writeSecret(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
  { signal, lookAgain }: Pass,
): Promise<WriteResult> {
  // From plan to write no time passes, but where the server was asked: before a withdrawal, or for the Secret's content.
  let current = step.withdrawn.length === 0 ? step : planAgain(step, observed, context);
  let draft = draftSecret(current, context, lookAgain);
  if (current.existing !== undefined && draft.isWorthIt && !draft.isWhole) {
    const read = await context.pullSecrets.readBack(current.existing, signal);
    current = planAgain(current, observed, context);
    draft = draftSecret(current, context, lookAgain, read);
  }
  const { fresh, carried, failures } = draft;
  if (!draft.isWorthIt) return { isWritten: false, failures };
  const entries = [...fresh, ...carried];
  if (entries.length === 0) throw nothingToCarry(observed.name);
  const content = renderPullSecret(entries, {
    configHash: configHashOf(current.profiles),
    refreshRequestedAt: satisfiedRequest(current, fresh, carried),
  });
  await context.pullSecrets.write(observed.name, content, current.existing, signal);
  announceWrite(current, observed, context);
  return { isWritten: true, failures };
}

/** `read`: the content of the Secret, where it was asked for. */
function draftSecret(
  step: WriteSecretStep,
  { tokens, clock }: ReconcileContext,
  lookAgain: () => void,
  read?: Authorizations,
): Draft {
  const { entries: fresh, failures, isWorthWaiting } = takeTokens(step, tokens, lookAgain);
  const kept = recordsToCarry(step, fresh, clock.now());
  // Those that have failed are told all the same: they have not recovered because another is being minted.
  const isWorthIt = !isWorthWaiting && (failures.length === 0 || isWorthWriting(step, fresh, kept));
  const carried = carryEntries(kept, step.grants, tokens, read ?? new Map());
  const isWhole = read !== undefined || carried.length === kept.length;
  return { fresh, carried, failures, isWorthIt, isWhole };
}

/**
 * The same write on what the caches hold now. It has to be of the same Secret, for what was read of it is worth nothing
 * beside another one, and no profile may go whose removal nobody has confirmed.
 */
function planAgain(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
): WriteSecretStep {
  const latest = context.cluster.observe(observed.name);
  const steps = latest?.uid === observed.uid ? planNow(latest, context, false).steps : [];
  const current = steps.find((candidate) => candidate.kind === 'writeSecret');
  if (current === undefined || subjectOf(current) !== subjectOf(step)) {
    throw new TransientError('writing the pull secret: the namespace changed meanwhile', {
      code: 'PLAN_OUTDATED',
    });
  }
  return current;
}

function subjectOf({ existing, withdrawn }: WriteSecretStep): string {
  return [existing?.uid, existing?.resourceVersion, ...withdrawn].join();
}

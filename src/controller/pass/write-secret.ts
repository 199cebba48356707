/** Writes the Secret with the tokens that are available: new ones, else those that it has. A failed mint changes nothing. */
import type { ControllerError } from '../../domain/errors.ts';
import type { CachedPullSecret, ObservedNamespace } from '../../domain/state/observed.ts';
import { withdrawnIn } from '../../domain/plan/entry-plan.ts';
import type { WriteSecretStep } from '../../domain/plan/plan-model.ts';
import { type Settlement, settleEntries } from '../../domain/plan/settle-entries.ts';
import { type Entry, renderPullSecret } from '../../domain/state/pull-secret.ts';
import type { Attempt } from '../ports/cluster-writes.ts';
import { announceWrite } from './announce-write.ts';
import { type Authorizations, carryEntries, nothingToCarry } from './carry-entries.ts';
import type { Pass, ReconcileContext } from './reconcile-context.ts';
import { assertStillPlanned, planWriteAgain } from './plan-again.ts';
import { takeTokens } from './take-tokens.ts';

export interface WriteResult {
  readonly isWritten: boolean;
  /** Why some of the tokens are missing. */
  readonly failures: readonly ControllerError[];
}

/** What a write at this moment would contain. */
interface Draft extends Pick<Settlement, 'refreshRequestedAt'> {
  readonly entries: readonly Entry[];
  readonly failures: readonly ControllerError[];
  readonly isWorthIt: boolean;
  /** False if an entry to carry over is only in the Secret itself, which must then be read back. */
  readonly isWhole: boolean;
}

/**
 * Writes the Secret, unless nothing that matters would change. Throws a `TransientError` if the write is no longer planned
 * when it is about to be sent, and whatever the ports throw.
 */
export async function writeSecret(
  step: WriteSecretStep,
  observed: ObservedNamespace,
  context: ReconcileContext,
  { signal, lane, requeue, sent }: Pass,
): Promise<WriteResult> {
  const { existing } = step;
  // No time passes between plan and draft, unless the server was asked: before a withdrawal, about a namespace that may
  // have been re-created, or for the Secret's content.
  const isConfirmed = withdrawnIn(step.entries).length > 0;
  let current = isConfirmed ? planWriteAgain(step, observed, context) : step;
  let draft = draftSecret(current, context, requeue);
  const { history, clock } = context;
  const mustRead =
    existing === undefined
      ? history.isDoubtful(observed.name, clock.monotonicMs())
      : !draft.isWhole;
  if (draft.isWorthIt && mustRead) {
    const read = await readFirst(existing, observed, context, { signal, lane, confirm: sent });
    current = planWriteAgain(current, observed, context);
    draft = draftSecret(current, context, requeue, read);
  }
  const { entries, failures, refreshRequestedAt } = draft;
  if (!draft.isWorthIt) return { isWritten: false, failures };
  if (entries.length === 0) throw nothingToCarry(observed.name);
  const { configHash } = current;
  const confirm = (): void => {
    assertStillPlanned(current, observed, context);
    sent();
  };
  // Rendering dozens of hosts takes a millisecond, and the answers to many reads may come in the same moment.
  await context.slices.run(() => {
    const content = renderPullSecret(entries, { configHash, refreshRequestedAt });
    return context.pullSecrets.write(observed.name, content, existing, { signal, lane, confirm });
  });
  announceWrite(current, observed, context);
  return { isWritten: true, failures };
}

/** Reads the content of the Secret; without one, the namespace, so that the caches have its latest version. */
async function readFirst(
  existing: CachedPullSecret | undefined,
  observed: ObservedNamespace,
  { pullSecrets, namespaces }: ReconcileContext,
  attempt: Attempt,
): Promise<Authorizations | undefined> {
  if (existing !== undefined) return pullSecrets.readBack(existing, attempt);
  await namespaces.read(observed, attempt);
  return undefined;
}

/** `read`: the content of the Secret, if it was read back. */
function draftSecret(
  step: WriteSecretStep,
  { tokens, clock }: ReconcileContext,
  requeue: () => void,
  read?: Authorizations,
): Draft {
  const { entries: renewed, failures, isWorthWaiting } = takeTokens(step.entries, tokens, requeue);
  const settlement = settleEntries(step, renewed, clock.now());
  const { kept, refreshRequestedAt, isWorthWriting } = settlement;
  // Failures are reported all the same: an identity has not recovered because another one is being minted for.
  const isWorthIt = !isWorthWaiting && (failures.length === 0 || isWorthWriting);
  const carried = carryEntries(kept, step.entries, tokens, read ?? new Map());
  const isWhole = read !== undefined || carried.length === kept.length;
  return { entries: [...renewed, ...carried], failures, refreshRequestedAt, isWorthIt, isWhole };
}
